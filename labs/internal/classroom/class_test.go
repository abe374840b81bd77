package classroom

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/submissions"
)

// hostile is a text that a student may have chosen as the name of a folder, or made a grader repeat.
const hostile = `<script>alert(1)</script>" onload="x`

// someClass is a class of n students. The first one is hostile.
func someClass(n int) *Class {
	c := &Class{Graded: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC), Took: 90 * time.Second}
	for _, name := range []string{"PatientConn", "AskWithin", "SendAll"} {
		c.Exercises = append(c.Exercises, catalog.Exercise{Lab: "lab01_timeout", Name: name, Points: 10})
	}
	for _, name := range []string{"ListenForRestart", "WhoHolds", "EndConversation", "BoundUnacknowledged"} {
		c.Exercises = append(c.Exercises, catalog.Exercise{Lab: "lab02_reuseaddr", Name: name, Points: 15})
	}
	for i := range n {
		s := Student{Submission: submissions.Submission{Student: "Ada Lovelace of Ockham Park", ID: "4711", Where: "submission_1"}}
		if i == 0 {
			s.Student, s.Where, s.Notes = hostile, "=HYPERLINK(1)", []string{"not handed in: lab02_reuseaddr", hostile}
		}
		for k, e := range c.Exercises {
			r := grade.Result{Exercise: e, Report: report.Report{Result: report.Passed}, Earned: e.Points, Took: time.Second}
			switch (i + k) % 4 {
			case 1:
				r.Earned = 0
				r.Report = report.Report{Result: report.Failed, Step: "the server says nothing", Finding: &report.Finding{
					Mistake: "the budget begins anew after the connect", Expected: "one budget", Seen: hostile, Read: "lab01_timeout/TestX",
				}}
			case 2:
				r.Earned, r.Report = 0, report.Report{Result: report.NotBegun}
			}
			s.Results = append(s.Results, r)
		}
		c.Students = append(c.Students, s)
	}
	return c
}

func written(t *testing.T, suffix string, c *Class) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, formats[suffix](&out, c))
	return out.String()
}

func TestTableHasARowForEachStudent(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(written(t, ".csv", someClass(2)))).ReadAll()
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([][]string{
		{
			"student", "id", "submission", "lab01_timeout/PatientConn", "lab01_timeout/AskWithin", "lab01_timeout/SendAll",
			"lab02_reuseaddr/ListenForRestart", "lab02_reuseaddr/WhoHolds", "lab02_reuseaddr/EndConversation",
			"lab02_reuseaddr/BoundUnacknowledged", "total", "of", "notes",
		},
		{hostile, "4711", "'=HYPERLINK(1)", "10", "0", "0", "15", "15", "0", "0", "40", "90", "not handed in: lab02_reuseaddr; " + hostile},
		{"Ada Lovelace of Ockham Park", "4711", "submission_1", "0", "0", "10", "15", "0", "0", "15", "40", "90", ""},
	}, rows), "(-want +got)")
}

// A spreadsheet computes a cell that begins like a formula, even after spaces.
func TestNothingIsAFormula(t *testing.T) {
	for _, text := range []string{"=1", "+1", "-1", "@x", " =1", "\t=1", "'=1"} {
		assert.Equal(t, "'"+text, plain(text))
	}
	for text, want := range map[string]string{
		"a;=1": "a;'=1", "a; +1;@x": "a;' +1;'@x", "a\t-1": "a\t'-1", "a\n=1": "a\n'=1", // a spreadsheet may split these into several cells
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠1": "'＠1", "\u00a0=1": "'\u00a0=1", // full-width signs, and a wide space
	} {
		assert.Equal(t, want, plain(text))
	}
	for _, text := range []string{"", "a; b", "Ada", "a=1", "submission_1"} {
		assert.Equal(t, text, plain(text))
	}
}

func TestDataHasAllThatIsKnown(t *testing.T) {
	var got struct {
		Students []struct {
			Student   string
			Earned    int
			Points    int
			Notes     []string
			Exercises []struct {
				Exercise string
				Earned   int
				Result   string
				Finding  *report.Finding
			}
		}
		Mistakes []Mistake
	}
	require.NoError(t, json.Unmarshal([]byte(written(t, ".json", someClass(2))), &got))
	require.Len(t, got.Students, 2)
	assert.Equal(t, 40, got.Students[0].Earned)
	assert.Equal(t, 90, got.Students[0].Points)
	assert.Equal(t, []string{}, got.Students[1].Notes)
	assert.Equal(t, "lab01_timeout/AskWithin", got.Students[0].Exercises[1].Exercise)
	assert.Equal(t, hostile, got.Students[0].Exercises[1].Finding.Seen)
	assert.Len(t, got.Mistakes, 4)
}

func TestSharedMistakesComeFirst(t *testing.T) {
	c := someClass(9)
	shared := c.Shared()
	require.NotEmpty(t, shared)
	for i, m := range shared {
		assert.GreaterOrEqual(t, len(m.Students), 2)
		if i > 0 {
			assert.LessOrEqual(t, len(m.Students), len(shared[i-1].Students))
		}
	}
	assert.Empty(t, someClass(1).Shared(), "one student shares nothing")

	// A sentence that is broken in two ways is one mistake.
	c = someClass(2)
	for i, way := range []string{"it waits", "it hangs"} {
		for k := range c.Students[i].Results {
			c.Students[i].Results[k].Report = report.Report{Result: report.Passed}
		}
		c.Students[i].Results[1].Report = report.Report{Result: report.Failed, Finding: &report.Finding{Sentence: "it-returns", Said: "It returns.", Mistake: way}}
	}
	assert.Empty(t, cmp.Diff([]Mistake{{
		Exercise: "lab01_timeout/AskWithin", Sentence: "It returns.", Ways: []string{"it waits", "it hangs"},
		Students: []string{hostile, "Ada Lovelace of Ockham Park"},
	}}, c.Shared()), "(-want +got)")
}

// Of what a student has not begun, the page has one line. Of a lab that was not handed in, a note says enough.
func TestPageIsShortOnWhatWasNotBegun(t *testing.T) {
	c := someClass(1)
	c.Students[0].Files = map[string][]byte{"lab01_timeout": {}}
	page := written(t, ".html", c)
	assert.Contains(t, page, "<p>not begun: lab01_timeout/SendAll</p>")
	assert.NotContains(t, page, "<h3>lab01_timeout/SendAll")
	assert.NotContains(t, page, "<h3>lab02_reuseaddr/BoundUnacknowledged")
	assert.Contains(t, page, "<h3>lab01_timeout/AskWithin")
}

// Any name that a student chooses is only text on the page, and the page loads and runs nothing.
func TestPageIsTextAlone(t *testing.T) {
	page, err := html.Parse(strings.NewReader(written(t, ".html", someClass(3))))
	require.NoError(t, err)
	var text strings.Builder
	for node := range page.Descendants() {
		if node.Type == html.TextNode {
			text.WriteString(node.Data)
		}
		if node.Data == "Ada Lovelace of Ockham Park" {
			assert.Equal(t, "bdi", node.Parent.Data, "a name that is written from right to left would move the points beside it")
		}
		assert.NotContains(t, []string{"script", "img", "link", "iframe", "object"}, node.Data)
		for _, a := range node.Attr {
			assert.False(t, strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#"), "%v", node.Attr)
		}
	}
	assert.Contains(t, text.String(), hostile)
	assert.Contains(t, text.String(), "40 of 90")
	assert.Contains(t, text.String(), "the budget begins anew after the connect")
}
