package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term/termtest"
)

// show sends a view the events of go test, one a line: package, test, and the action or the output.
func show(v View, events string) {
	for line := range strings.Lines(events) {
		part := strings.SplitN(strings.TrimSuffix(line, "\n"), " | ", 3)
		e := gotest.Event{Package: "socketlabs/" + part[0], Test: part[1], Action: part[2], Elapsed: 0.25}
		switch part[2] {
		case gotest.Start, gotest.Run, gotest.Pass, gotest.Fail, gotest.Skip:
		default:
			if told, ok := eventOf(part[2]); ok {
				e.Action, e.Key, e.Value = gotest.Attr, story.AttrKey, told.Encode()[0][1]
				break
			}
			e.Action, e.Output = gotest.Output, part[2]+"\n"
		}
		v.Event(e)
	}
}

// eventOf reads an event such as "0.001 s story it begins", or "2 s took 2s 1s" for a compared time.
func eventOf(line string) (story.Event, bool) {
	var seconds float64
	var kind string
	if n, _ := fmt.Sscanf(line, "%f s %s", &seconds, &kind); n != 2 {
		return story.Event{}, false
	}
	e := story.Event{At: time.Duration(seconds * float64(time.Second)), Lane: story.Lane(kind), Kind: story.Outcome}
	_, rest, _ := strings.Cut(line, kind)
	e.Text = strings.TrimSpace(rest)
	if took, least, found := strings.Cut(e.Text, " "); found && kind == "took" {
		e.Kind, e.Span = story.Took, new(story.Span)
		e.Span.Took, _ = time.ParseDuration(took)
		e.Span.Least, _ = time.ParseDuration(least)
	}
	return e, true
}

const oneFails = `lab01 |  | start
lab01 | TestA | run
lab01 | TestA | === RUN   TestA
lab01 | TestB | run
lab01 | TestB |        0.001 s  story   it begins
lab01 | TestA |        0.002 s  story   so does this
lab01 | TestA |     a_test.go:7: it should be better
lab01 | TestA |         by far
lab01 | TestA | --- FAIL: TestA (0.25s)
lab01 | TestA | fail
lab01 | TestB/part | run
lab01 | TestB/part |     b_test.go:7: needs Wings: fit some
lab01 | TestB/part | skip
lab01 | TestB | pass
`

func TestProgressShowsStepsOfWhatFailed(t *testing.T) {
	s, printed := termtest.Screen(t)
	r := new(results.Results)
	show(NewProgress(s, r, 2), oneFails)
	Reasons(s, r)
	want := `
✗ lab01/TestA                                                              0.2 s
    0.002 s  ▸ so does this
  ┃ a_test.go:7: it should be better
  ┃     by far
✓ lab01/TestB                                                              0.2 s

– needs Wings: fit some
  B/part
`
	if diff := cmp.Diff(want, "\n"+printed()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestStoryEndsWithTheFailure(t *testing.T) {
	s, printed := termtest.Screen(t)
	show(NewStory(s, catalog.Experiment{Lab: "lab01", Test: "TestA", Title: "it is good."}, new(results.Results)), `lab01 | TestA | run
lab01 | TestA |        0.001 s  story   it begins
lab01 | TestA |     a_test.go:7: it should be better
lab01 | TestA |        0.002 s  client  Read: 1 byte
lab01 | TestA | fail
`)
	want := `
lab01/TestA
it is good.

    time   client                          wire                         server
  0.001 s  ▸ it begins
  0.002 s  Read: 1 byte
┃ a_test.go:7: it should be better
`
	if diff := cmp.Diff(want, "\n"+printed()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPlainViewKeepsPackagesApartAndNamesTests(t *testing.T) {
	s, printed := termtest.Screen(t)
	show(NewPlain(s, new(results.Results)), `lab01 |  | start
lab02 |  | start
lab01 | TestA | === RUN   TestA
lab02 | TestC | === RUN   TestC
lab01 | TestB | === RUN   TestB
lab01 | TestA | by A
lab01 | TestB | by B
lab02 |  | ok lab02
lab02 |  | pass
lab01 | TestB | by B again
lab01 |  | ok lab01
lab01 |  | pass
`)
	want := `=== RUN   TestA
=== RUN   TestB
=== NAME  TestA
by A
=== NAME  TestB
by B
by B again
ok lab01
=== RUN   TestC
ok lab02
`
	if diff := cmp.Diff(want, printed()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
