// Package gradebook writes the results of grading for programs that collect them.
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

// Grading is the results of one student.
type Grading struct {
	Results []grade.Result
	Took    time.Duration
}

// Formats are the formats of a grading, by their names.
var Formats = map[string]func(io.Writer, Grading) error{
	"exercism":   writeExercism,
	"github":     writeGitHub,
	"gradescope": writeGradescope,
	"json":       writeJSON,
	"junit":      writeJUnit,
}

// summary is the points and the passed exercises, in a line.
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

// writeJSON writes the results for a teacher's own programs.
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
