package main

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness/timeline"
)

// draw draws lines as go test prints them.
func draw(width int) string {
	d := &drawing{width: width}
	var b strings.Builder
	b.WriteString(d.heads() + "\n")
	for _, line := range []string{
		"       0.000 s  story   the client asks, and the server, which is in no hurry, thinks about it for a good while",
		"       1.000 s  wire    client → server  data               seq 1, ack 1, 5 bytes",
		"       1.000 s  wire 2  server → client  answer to a probe  seq 1, ack 1, no data",
		"       2.000 s  wire    client → server  keepalive probe    seq 0, ack 1, no data; not heard",
		"       2.000 s  wire    … 3 more segments: 3 × data",
		"      65.000 s  client  Read: read tcp 127.0.0.1:54058->127.0.0.1:43087: i/o timeout",
		"    7200.000 s  server  Write: 5 bytes, no error",
	} {
		test := "TestX"
		if strings.Contains(line, "7200") {
			test = "TestX/in_the_end"
		}
		if e, ok := timeline.Parse(line); ok {
			b.WriteString(d.event(test, e))
		}
	}
	b.WriteString(d.failure("TestX/in_the_end", []string{
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
  2.000 s    ─────── keepalive probe seq 0, ack 1, no data; not heard ───────✗
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
	assert.Empty(t, cmp.Diff(want, "\n"+draw(80)), "(-want +got)")
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	for width := 40; width <= 140; width++ {
		for line := range strings.Lines(draw(width)) {
			assert.LessOrEqual(t, ansi.StringWidth(strings.TrimSuffix(line, "\n")), width, "%q", line)
		}
	}
}
