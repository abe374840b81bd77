package view

import (
	"strings"

	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/term"
)

// judgments are the judgments of a defense, the best first.
var judgments = []struct {
	name string
	mark term.Mark
	says string
}{
	{"right", term.Mark{Sign: decisions.Marks["right"], Color: term.Green}, "does what it should"},
	{"blind", term.Mark{Sign: decisions.Marks["blind"], Color: term.Amber}, "sees nothing"},
	{"false alarm", term.Mark{Sign: decisions.Marks["false alarm"], Color: term.Red}, "takes a healthy peer for a dead one"},
}

// Judged is the mark of a judgment. There is also a mark for an unknown one.
func Judged(judgment string) term.Mark {
	for _, j := range judgments {
		if judgment == j.name {
			return j.mark
		}
	}
	return term.Mark{Sign: "·", Color: term.Gray}
}

// Legend explains the marks.
func Legend(width int) string {
	var parts []string
	for _, j := range judgments {
		parts = append(parts, j.mark.String()+term.Faint.Render(term.Unbroken(" "+j.name+": "+j.says)))
	}
	return term.Wrap(strings.Join(parts, "   "), width)
}
