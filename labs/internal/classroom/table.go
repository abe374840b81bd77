package classroom

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/cli"
)

// writeCSV writes the table for spreadsheets: RFC 4180.
func writeCSV(w io.Writer, c *Class) error {
	head := []string{"student", "id", "submission"}
	for _, e := range c.Exercises {
		head = append(head, e.FullName())
	}
	table := csv.NewWriter(w)
	table.Write(append(head, "total", "of", "notes")) // Error, below, returns its error, too
	for _, s := range c.Students {
		row := []string{plain(s.Student), plain(s.ID), plain(s.Where)}
		for _, r := range s.Results {
			row = append(row, fmt.Sprint(r.Earned))
		}
		earned, points := s.Total()
		table.Write(append(row, fmt.Sprint(earned), fmt.Sprint(points), plain(strings.Join(s.Notes, "; "))))
	}
	table.Flush()
	return table.Error()
}

// formula matches what a spreadsheet may take for the beginning of a formula, or for the mark of a text. In some countries,
// spreadsheets separate cells by semicolons or tabs, so they may split one of our cells. Some read full-width signs as
// the usual ones.
var formula = regexp.MustCompile(`(^|[;\t\n])([\s\p{Z}]*['=+@＝＋－＠-])`)

// plain is text that no spreadsheet takes for a formula, whatever name a student gives a folder.
func plain(text string) string { return formula.ReplaceAllString(text, "$1'$2") }

// writeJSON writes all results, for programs.
func writeJSON(w io.Writer, c *Class) error {
	type exercise struct {
		Exercise string `json:"exercise"`
		Points   int    `json:"points"`
		Earned   int    `json:"earned"`
		report.Report
		Seconds float64 `json:"seconds"`
	}
	type student struct {
		Student    string     `json:"student"`
		ID         string     `json:"id,omitempty"`
		Submission string     `json:"submission"`
		Earned     int        `json:"earned"`
		Points     int        `json:"points"`
		Notes      []string   `json:"notes"`
		Exercises  []exercise `json:"exercises"`
	}
	all := struct {
		Students []student `json:"students"`
		Mistakes []Mistake `json:"mistakes"`
	}{[]student{}, append([]Mistake{}, c.Mistakes()...)}
	for _, s := range c.Students {
		one := student{Student: s.Student, ID: s.ID, Submission: s.Where, Notes: append([]string{}, s.Notes...)}
		one.Earned, one.Points = s.Total()
		for _, r := range s.Results {
			one.Exercises = append(one.Exercises, exercise{r.FullName(), r.Points, r.Earned, r.Report, r.Took.Seconds()})
		}
		all.Students = append(all.Students, one)
	}
	return cli.JSON(w, all)
}
