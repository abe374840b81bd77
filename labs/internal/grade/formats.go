package grade

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"socketlabs/harness/grading/report"
)

// Total is the sum of the points that were earned, and of those that there are.
func Total(results []Result) (earned, points int) {
	for _, r := range results {
		earned += r.Earned
		points += r.Points
	}
	return earned, points
}

// WriteJSON writes the results for programs of your own.
func WriteJSON(w io.Writer, results []Result) error {
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
	all.Earned, all.Points = Total(results)
	for _, r := range results {
		all.Exercises = append(all.Exercises, one{
			r.Lab, r.Name, r.Title, r.Points, r.Earned, r.Report, r.Took.Seconds(), r.storyLines(), r.Output,
		})
	}
	return indented(w, all)
}

func indented(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

func (r Result) storyLines() []string {
	lines := []string{}
	for _, event := range r.Story {
		lines = append(lines, event.String())
	}
	return lines
}

// Lines say what the grader has to say of an exercise that did not pass: nothing of one that did.
func (r Result) Lines() (lines []string) {
	switch {
	case r.Result == report.NotBegun || r.Result == report.Impossible:
		return append(lines, strings.TrimSuffix(r.Result+": "+r.Reason, ": "))
	case r.Finding == nil:
		return nil
	}
	lines = []string{
		"step:      " + r.Step,
		"mistake:   " + r.Finding.Mistake,
		"expected:  " + r.Finding.Expected,
		"seen:      " + r.Finding.Seen,
	}
	if r.Step == "" {
		lines = lines[1:]
	}
	if r.Finding.Read != "" {
		lines = append(lines, "read:      go run ./labs show "+r.Finding.Read)
	}
	return append(lines, "a hint:    go run ./labs hint "+r.FullName())
}

// WriteJUnit writes the results as the XML that CI systems read.
func WriteJUnit(w io.Writer, results []Result) error {
	type problem struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testCase struct {
		ClassName string   `xml:"classname,attr"`
		Name      string   `xml:"name,attr"`
		Time      string   `xml:"time,attr"`
		Failure   *problem `xml:"failure"`
		Skipped   *problem `xml:"skipped"`
		Output    string   `xml:"system-out,omitempty"`
	}
	type suite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Time     string     `xml:"time,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	all := suite{Name: "socketlabs exercises", Tests: len(results)}
	var took time.Duration
	for _, r := range results {
		took += r.Took
		c := testCase{ClassName: r.Lab, Name: r.Name, Time: inSeconds(r.Took), Output: readable(strings.Join(r.storyLines(), "\n"))}
		text := strings.Join(r.Lines(), "\n")
		switch r.Result {
		case report.Failed:
			all.Failures++
			c.Failure = &problem{readable(r.Finding.Mistake), readable(text)}
		case report.NotBegun, report.Impossible:
			all.Skipped++
			c.Skipped = &problem{Message: readable(text)}
		}
		all.Cases = append(all.Cases, c)
	}
	all.Time = inSeconds(took)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// readable is text without the characters that XML can't hold.
func readable(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// WriteGradescope writes the results as Gradescope reads them from /autograder/results/results.json:
// "Autograder Specifications" in its documentation.
func WriteGradescope(w io.Writer, results []Result) error {
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
			Output:   strings.Join(append(r.storyLines(), r.Lines()...), "\n"),
		})
	}
	return indented(w, all)
}
