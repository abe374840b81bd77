package main

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness/timeline"
)

var segments = []timeline.Segment{
	{Connection: 1, From: timeline.Client, Flags: "P.", Seq: 1, Ack: 1, Length: 5, Window: 512, Meaning: timeline.Data},
	{Connection: 2, From: timeline.Server, Flags: ".", Ack: 1, Window: 512, Meaning: timeline.ProbeAnswer},
	{Connection: 1, From: timeline.Client, Flags: ".", Ack: 1, Window: 512, Meaning: timeline.KeepaliveProbe, Unheard: true},
}

// draw goes the way of a run: from events to the lines of go test, and back.
func draw(width int) string {
	events := []timeline.Event{
		{Lane: timeline.Story, Text: "the client asks, and the server, which is in no hurry, thinks about it for a good while"},
		{At: time.Second, Lane: timeline.Wire, Text: segments[0].String(), Segment: &segments[0]},
		{At: time.Second, Lane: timeline.Wire, Text: segments[1].String(), Segment: &segments[1]},
		{At: 2 * time.Second, Lane: timeline.Wire, Text: segments[2].String(), Segment: &segments[2]},
		{At: 2 * time.Second, Lane: timeline.Wire, Text: "… 3 more segments: 3 × data"},
		{At: 65 * time.Second, Lane: timeline.Client, Text: "Read: read tcp 127.0.0.1:54058->127.0.0.1:43087: i/o timeout"},
		{At: 7200 * time.Second, Lane: timeline.Server, Text: "Write: 5 bytes, no error"},
	}
	d := &drawing{width: width}
	var b strings.Builder
	b.WriteString(d.heads() + "\n")
	for i, e := range events {
		test := "TestX"
		if i == len(events)-1 {
			test = "TestX/in_the_end"
		}
		e, _ = timeline.Parse(e.String())
		b.WriteString(d.event(test, e))
	}
	b.WriteString(d.failure("TestX/in_the_end", []string{"    x_test.go:7: it should have been quicker"}))
	return ansi.Strip(b.String())
}

func TestDrawingFillsNarrowTerminal(t *testing.T) {
	want := `
    time   client                          wire                         server
  0.000 s  ▸ the client asks, and the server, which is in no hurry, thinks about
             it for a good while
  1.000 s    ────────────────── data seq 1, ack 1, 5 bytes ──────────────────▶
  1.000 s    ◀─────── wire 2: answer to a probe seq 0, ack 1, no data ────────
  2.000 s    ───── keepalive probe seq 0 (one back), no data; not heard ─────✗
  2.000 s                       … 3 more segments: 3 × data
 65.000 s  Read: read tcp
           127.0.0.1:54058->127.0.0.1:43087: i/o
           timeout

in the end
7200.000 s                                              Write: 5 bytes, no error
┃ x_test.go:7: it should have been quicker
`
	assert.Empty(t, cmp.Diff(want, "\n"+draw(80)), "(-want +got)")
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	for width := 40; width <= 140; width++ {
		for line := range strings.Lines(draw(width)) {
			assert.LessOrEqual(t, ansi.StringWidth(strings.TrimSuffix(line, "\n")), width, "%q", line)
		}
	}
}
