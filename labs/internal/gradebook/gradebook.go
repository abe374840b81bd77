// Package gradebook writes what came of grading for programs that collect it.
package gradebook

import (
	"fmt"
	"io"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/grade"
)

// Grading is what came of grading one student.
type Grading struct {
	Results []grade.Result
	Took    time.Duration
}

// Formats are those in which it can be written, by their names.
var Formats = map[string]func(io.Writer, Grading) error{
	"exercism":   writeExercism,
	"github":     writeGitHub,
	"gradescope": writeGradescope,
	"json":       writeJSON,
	"junit":      writeJUnit,
}

// summary says in a line how it went.
func (g Grading) summary() string {
	earned, points := grade.Total(g.Results)
	passed := 0
	for _, r := range g.Results {
		if r.Result == report.Passed {
			passed++
		}
	}
	return fmt.Sprintf("%d of %s; %d of %s passed", earned, story.Count(points, "point"), passed, story.Count(len(g.Results), "exercise"))
}

// writeJSON writes the results for programs of your own.
func writeJSON(w io.Writer, g Grading) error {
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
	all.Earned, all.Points = grade.Total(g.Results)
	for _, r := range g.Results {
		all.Exercises = append(all.Exercises, one{
			r.Lab, r.Name, r.Title, r.Points, r.Earned, r.Report, r.Took.Seconds(), r.StoryLines(), r.Output,
		})
	}
	return cli.JSON(w, all)
}
