// Package gradebook writes what came of grading for programs that collect it.
package gradebook

import (
	"io"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/grade"
)

// Formats are those in which results can be written, by their names.
var Formats = map[string]func(io.Writer, []grade.Result) error{
	"json":       writeJSON,
	"junit":      writeJUnit,
	"gradescope": writeGradescope,
}

// writeJSON writes the results for programs of your own.
func writeJSON(w io.Writer, results []grade.Result) error {
	type one struct {
		Lab      string `json:"lab"`
		Exercise string `json:"exercise"`
		Title    string `json:"title"`
		Points   int    `json:"points"`
		Earned   int    `json:"earned"`
		report.Report
		Seconds float64  `json:"seconds"`
		Story   []string `json:"story"`
		Output  string   `json:"output,omitempty"`
	}
	var all struct {
		Earned    int   `json:"earned"`
		Points    int   `json:"points"`
		Exercises []one `json:"exercises"`
	}
	all.Earned, all.Points = grade.Total(results)
	for _, r := range results {
		all.Exercises = append(all.Exercises, one{
			r.Lab, r.Name, r.Title, r.Points, r.Earned, r.Report, r.Took.Seconds(), r.StoryLines(), r.Output,
		})
	}
	return cli.JSON(w, all)
}
