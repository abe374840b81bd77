package gradebook

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"socketlabs/harness/grading/report"
)

// writeJUnit writes the results as the XML that CI systems read.
func writeJUnit(w io.Writer, g Grading) error {
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
	all := suite{Name: "socketlabs exercises", Tests: len(g.Results)}
	var took time.Duration
	for _, r := range g.Results {
		took += r.Took
		c := testCase{ClassName: r.Lab, Name: r.Name, Time: inSeconds(r.Took), Output: readable(strings.Join(r.StoryLines(), "\n"))}
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
