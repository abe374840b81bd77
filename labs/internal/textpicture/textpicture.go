// Package textpicture draws the story of an experiment as a sequence diagram in text.
package textpicture

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/term"
)

// Drawing draws events as lines of a sequence diagram. The time is on the left. In the rest of the width, the
// client's texts are on the left, the server's on the right, segments go across, and steps use all of it.
type Drawing struct {
	Width int
	part  string // the subtest whose events were drawn last
}

const (
	timeWidth = len("  0.301 s  ")
	margin    = 2 // on both sides of a segment
)

// Heads names the lanes.
func (d *Drawing) Heads() string {
	space := d.Width - timeWidth
	left := fmt.Sprintf("%-*s", space/2-len("wire")/2, "client")
	return term.Faint.Render("    time   " + left + "wire" + term.ToTheRight("server", space-len(left)-len("wire")-margin))
}

// Event draws one event of a test. A heading comes before it if another subtest begins.
func (d *Drawing) Event(test string, e story.Event) string {
	lines := strings.Split(d.lane(e), "\n")
	head := fmt.Sprintf("%-*s", timeWidth, fmt.Sprintf("%7.3f s ", e.At.Seconds()))
	below := strings.Repeat(" ", timeWidth)
	return d.heading(test) + term.Faint.Render(head) + strings.Join(lines, "\n"+below) + "\n"
}

// heading is the name of the subtest, if another one begins.
func (d *Drawing) heading(test string) string {
	if test == d.part {
		return ""
	}
	d.part = test
	_, part, isPart := strings.Cut(test, "/")
	if !isPart {
		return ""
	}
	return "\n" + term.Bold.Render(strings.ReplaceAll(part, "_", " ")) + "\n"
}

func (d *Drawing) lane(e story.Event) string {
	space := d.Width - timeWidth
	side := space * 6 / 10
	switch e.Lane {
	case story.Client:
		return term.Wrap(term.Color(term.Blue).Render(e.Text), side)
	case story.Server:
		return term.ToTheRight(term.Color(term.Violet).Render(term.Wrap(e.Text, side)), space)
	case story.Wire:
		return arrow(e, space)
	case story.Middle:
		return centered(term.Wrap("▒ "+e.Text+" ▒", space-2*margin), space)
	default:
		return term.Hang("▸ ", term.Bold.Render(e.Text), space)
	}
}

// arrow draws a segment, with its meaning on the shaft. If the segment does not arrive, the head of the arrow is
// a cross.
func arrow(e story.Event, space int) string {
	segment := e.Segment
	if segment == nil {
		return centered(term.Wrap(e.Text, space-2*margin), space)
	}
	label := string(segment.Meaning) + " " + segment.Numbers()
	if segment.Connection > 1 {
		label = fmt.Sprintf("wire %d: %s", segment.Connection, label)
	}
	lines := strings.Split(term.Wrap(label, space-2*margin-8), "\n")
	shaft := space - 2*margin - ansi.StringWidth(lines[0]) - ansi.StringWidth("  ▶")
	line := strings.Repeat("─", shaft/2) + " " + lines[0] + " " + strings.Repeat("─", shaft-shaft/2)
	head := map[story.Lane]string{story.Client: "▶", story.Server: "◀"}[segment.From]
	if segment.Unheard {
		head = "✗"
	}
	if segment.From == story.Client {
		line += head
	} else {
		line = head + line
	}
	lines[0] = line
	return centered(strings.Join(lines, "\n"), space)
}

// centered centers every line of a text about the wire.
func centered(text string, space int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		before := strings.Repeat(" ", max(0, space-ansi.StringWidth(line))/2)
		lines[i] = before + term.Color(term.Cyan).Render(strings.TrimRight(line, " "))
	}
	return strings.Join(lines, "\n")
}

// Failure draws what a test says about what went wrong.
func (d *Drawing) Failure(test string, says []string) string {
	if len(says) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(d.heading(test))
	for _, line := range says {
		line = strings.ReplaceAll(strings.TrimPrefix(line, "    "), "\t", "    ")
		text := strings.TrimLeft(line, " ")
		margin := term.Color(term.Red).Render("┃ ") + strings.TrimSuffix(line, text)
		wrapped := term.Wrap(text, d.Width-ansi.StringWidth(margin))
		b.WriteString(margin + strings.ReplaceAll(wrapped, "\n", "\n"+margin) + "\n")
	}
	return b.String()
}
