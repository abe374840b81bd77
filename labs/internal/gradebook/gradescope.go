package gradebook

import (
	"fmt"
	"io"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/grade"
)

// writeGradescope writes the results as Gradescope reads them from /autograder/results/results.json:
// "Autograder Specifications" in its documentation.
func writeGradescope(w io.Writer, results []grade.Result) error {
	type test struct {
		Score    float64 `json:"score"`
		MaxScore float64 `json:"max_score"`
		Status   string  `json:"status"`
		Name     string  `json:"name"`
		Number   string  `json:"number"`
		Output   string  `json:"output"`
	}
	var all struct {
		Tests []test `json:"tests"`
	}
	for i, r := range results {
		status := "failed"
		if r.Result == report.Passed {
			status = "passed"
		}
		all.Tests = append(all.Tests, test{
			Score:    float64(r.Earned),
			MaxScore: float64(r.Points),
			Status:   status,
			Name:     r.Name + ": " + r.Title,
			Number:   fmt.Sprint(i + 1),
			Output:   strings.Join(append(r.StoryLines(), r.Lines()...), "\n"),
		})
	}
	return cli.JSON(w, all)
}
