package classroom

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
)

// Some students whose code prints as much as it can don't cost a class its results.
func TestResultsAreWrittenHoweverMuchCodePrints(t *testing.T) {
	skip.UnlessChecking(t, "writes a hundred megabytes")
	const students, printed = 40, 32 << 10
	text := strings.Repeat("'", printed)
	for suffix, write := range formats {
		c := someClass(students)
		for _, s := range c.Students {
			for i := range s.Results {
				s.Results[i].Report = report.Report{Result: report.Failed, Printed: text, Finding: &report.Finding{Mistake: "it prints", Seen: text}}
				s.Results[i].Output = text
			}
		}
		file := filepath.Join(t.TempDir(), "results"+suffix)
		require.NoError(t, c.writeTo(file, write))
		results, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, strings.Count(string(results), c.Students[1].Student), students-1, suffix)
	}
}
