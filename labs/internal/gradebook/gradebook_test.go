package gradebook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
)

// result is the result of an exercise that was run.
func result(name, came string, took time.Duration) grade.Result {
	r := grade.Result{
		Exercise: catalog.Exercise{Lab: "lab03_keepalive", Name: name, Title: "it serves.", Points: 15},
		Report:   report.Report{Result: came},
		Took:     took,
	}
	switch came {
	case report.Passed:
		r.Earned = 15
	case report.Failed:
		r.Step, r.Output = "a client comes", "here I am"
		r.Finding = &report.Finding{Mistake: "it hangs", Expected: "an answer", Seen: "::add-mask::x | <b>\n::error::y"}
	}
	return r
}

var some = Grading{
	Results: []grade.Result{
		result("Serve", report.Passed, 2*time.Second),
		result("FindVanished", report.Failed, time.Second),
		result("BoundUnacknowledged", report.NotBegun, time.Second),
	},
	Took: 2345 * time.Millisecond,
}

func written(t *testing.T, format string, g Grading) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, Formats[format](&out, g))
	return out.String()
}

func TestGradescopeGetsPointsTimesAndNames(t *testing.T) {
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(written(t, "gradescope", some)), &got))
	assert.Equal(t, 2.3, got["execution_time"])
	assert.Equal(t, "15 of 45 points; 1 of 3 exercises passed.", got["output"])
	tests := got["tests"].([]any)
	require.Len(t, tests, 3)
	assert.Equal(t, "lab03_keepalive/Serve: it serves.", tests[0].(map[string]any)["name"])
	assert.Equal(t, 15.0, tests[0].(map[string]any)["score"])
	assert.Equal(t, "failed", tests[1].(map[string]any)["status"])
	assert.True(t, strings.HasSuffix(tests[1].(map[string]any)["output"].(string), "\nyour code prints:\nhere I am"))
}

// The runner must not take the output of a student's code for a command, and the two notices are the last lines.
func TestGitHubGetsPointsAndASummary(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	require.NoError(t, os.WriteFile(summary, []byte("before\n"), 0o666))
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	log := written(t, "github", some)
	stopped := regexp.MustCompile(`(?s)^::stop-commands::(\w{20,})\n(.*)\n::(\w+)::\n(.*)$`).FindStringSubmatch(log)
	require.NotNil(t, stopped, log)
	assert.Equal(t, stopped[1], stopped[3])
	assert.Contains(t, stopped[2], "::add-mask::x")
	assert.Equal(t, "::notice title=Autograding complete::Points 15/45\n"+
		`::notice title=Autograding report::{"totalPoints":15,"maxPoints":45}`+"\n", stopped[4])
	assert.NotEqual(t, log, written(t, "github", some), "the word could be guessed")

	text, err := os.ReadFile(summary)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), "before\n## Points\n"), "%s", text)
	assert.Contains(t, string(text), "| lab03_keepalive/Serve | 15 of 15 |  |\n")
	assert.NotContains(t, string(text), "<b>")
	assert.NotContains(t, string(text), "x |", "it would end the cell")

	t.Setenv("GITHUB_STEP_SUMMARY", "")
	assert.Contains(t, written(t, "github", some), "Points 15/45", "beyond a workflow")
}

// GitHub shows a summary of up to 1 MiB, so the text of an exercise can't take the place of the others.
func TestSummaryOnGitHubIsLimited(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	long := result("Serve", report.Failed, time.Second)
	for _, sign := range []string{"<", "\n", "ä"} {
		for _, n := range []int{1, 15} {
			long.Finding = &report.Finding{Mistake: "it hangs", Seen: strings.Repeat(sign, 1<<20)}
			require.NoError(t, os.RemoveAll(summary))
			written(t, "github", Grading{Results: slices.Repeat([]grade.Result{long}, n)})
			text, err := os.ReadFile(summary)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(text), 1<<20, "%q", sign)
			assert.Equal(t, n, strings.Count(string(text), "… |\n"))
			assert.True(t, utf8.Valid(text))
		}
	}
}

func TestExercismGetsItsInterface(t *testing.T) {
	type test struct{ Name, Status, Message, Output string }
	var got struct {
		Version int
		Status  string
		Message string
		Tests   []test
	}
	read := func(g Grading) {
		t.Helper()
		got.Message, got.Tests = "", nil
		require.NoError(t, json.Unmarshal([]byte(written(t, "exercism", g)), &got))
	}
	long := result("Serve", report.Passed, time.Second)
	long.Output = strings.Repeat("ä", mostPrinted+1)
	read(Grading{Results: []grade.Result{long, some.Results[2]}})
	assert.Equal(t, 2, got.Version)
	assert.Equal(t, "fail", got.Status)
	require.Len(t, got.Tests, 2)
	assert.Equal(t, test{"lab03_keepalive/BoundUnacknowledged: it serves.", "fail", "not begun", ""}, got.Tests[1])
	assert.Len(t, []rune(got.Tests[0].Output), mostPrinted)
	assert.True(t, strings.HasSuffix(got.Tests[0].Output, "Output was truncated. Please limit to 500 chars."))

	read(Grading{Results: some.Results[:1]})
	assert.Equal(t, "pass", got.Status)

	broken := result("Serve", report.Failed, 0) // it was not run: it does not compile
	read(Grading{Results: []grade.Result{broken, broken}})
	assert.Equal(t, "error", got.Status)
	assert.Contains(t, got.Message, "it hangs")
	assert.Empty(t, cmp.Diff([]test(nil), got.Tests))
}
