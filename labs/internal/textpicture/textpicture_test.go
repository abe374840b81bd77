package textpicture

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"socketlabs/harness/story"
)

// draw draws events of every lane.
func draw(width int) string {
	d := &Drawing{Width: width}
	var b strings.Builder
	b.WriteString(d.Heads() + "\n")
	segment := func(connection int, from story.Lane, meaning story.Meaning, length int, unheard bool) story.Event {
		s := story.Segment{Connection: connection, From: from, Flags: ".", Seq: 1, Ack: 1, Length: length, Window: 512, Meaning: meaning, Unheard: unheard}
		return story.Event{Lane: story.Wire, Text: s.String(), Segment: &s}
	}
	at := func(seconds float64, e story.Event) {
		e.At = time.Duration(seconds * float64(time.Second))
		b.WriteString(d.Event("TestX", e))
	}
	at(0, story.Event{Lane: story.Story, Text: "the client asks, and the server, which is in no hurry, thinks about it for a good while"})
	at(1, segment(1, story.Client, story.Data, 5, false))
	at(1, segment(2, story.Server, story.ProbeAnswer, 0, false))
	at(2, segment(1, story.Client, story.KeepaliveProbe, 0, true))
	at(2, story.Event{Lane: story.Wire, Text: "… 3 more segments: 3 × data"})
	at(65, story.Event{Lane: story.Client, Text: "Read: read tcp 127.0.0.1:54058->127.0.0.1:43087: i/o timeout"})
	b.WriteString(d.Event("TestX/in_the_end", story.Event{At: 2 * time.Hour, Lane: story.Server, Text: "Write: 5 bytes, no error"}))
	b.WriteString(d.Failure("TestX/in_the_end", []string{
		"    x_test.go:7: it should have been quicker",
		"        \tTest:       \tTestWithSuchALongName/that_it_does_not_fit_on_the_same_line",
	}))
	return ansi.Strip(b.String())
}

func TestDrawingFillsNarrowTerminal(t *testing.T) {
	want := `
    time   client                          wire                         server
  0.000 s  ▸ the client asks, and the server, which is in no hurry, thinks about
             it for a good while
  1.000 s    ────────────────── data seq 1, ack 1, 5 bytes ──────────────────▶
  1.000 s    ◀─────── wire 2: answer to a probe seq 1, ack 1, no data ────────
  2.000 s    ───── keepalive probe seq 1 (one back), no data; not heard ─────✗
  2.000 s                       … 3 more segments: 3 × data
 65.000 s  Read: read tcp
           127.0.0.1:54058->127.0.0.1:43087: i/o
           timeout

in the end
7200.000 s                                              Write: 5 bytes, no error
┃ x_test.go:7: it should have been quicker
┃         Test:
┃         TestWithSuchALongName/that_it_does_not_fit_on_the_same_line
`
	if diff := cmp.Diff(want, "\n"+draw(80)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	for width := 40; width <= 140; width++ {
		for line := range strings.Lines(draw(width)) {
			if got := ansi.StringWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("%d characters, and not %d: %q", got, width, line)
			}
		}
	}
}
