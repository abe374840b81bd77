package gradebook

import (
	"fmt"
	"io"
	"math"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/grade"
)

// writeGradescope writes the results as Gradescope reads them from /autograder/results/results.json:
// "Autograder Specifications" in its documentation.
func writeGradescope(w io.Writer, g Grading) error {
	type test struct {
		Score    float64 `json:"score"`
		MaxScore float64 `json:"max_score"`
		Status   string  `json:"status"`
		Name     string  `json:"name"`
		Number   string  `json:"number"`
		Output   string  `json:"output"`
	}
	all := struct {
		Seconds float64 `json:"execution_time"`
		Output  string  `json:"output"`
		Tests   []test  `json:"tests"`
	}{Seconds: math.Round(g.Took.Seconds()*10) / 10, Output: g.summary() + "."}
	for i, r := range g.Results {
		status := "failed"
		if r.Result == report.Passed {
			status = "passed"
		}
		all.Tests = append(all.Tests, test{
			Score:    float64(r.Earned),
			MaxScore: float64(r.Points),
			Status:   status,
			Name:     r.FullName() + ": " + r.Title,
			Number:   fmt.Sprint(i + 1),
			Output:   said(r),
		})
	}
	return cli.JSON(w, all)
}

// said is the grader's story and finding, and what the student's code printed.
func said(r grade.Result) string {
	lines := append(r.StoryLines(), r.Lines()...)
	if r.Output != "" {
		lines = append(lines, "your code prints:", r.Output)
	}
	return strings.Join(lines, "\n")
}
