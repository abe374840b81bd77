package view

import (
	"strings"

	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/term"
)

// judgments are what a defense makes of a failure, best first.
var judgments = []struct {
	name string
	mark term.Mark
	says string
}{
	{"right", term.Mark{Sign: decisions.Marks["right"], Color: term.Green}, "does what it should"},
	{"blind", term.Mark{Sign: decisions.Marks["blind"], Color: term.Amber}, "sees nothing"},
	{"false alarm", term.Mark{Sign: decisions.Marks["false alarm"], Color: term.Red}, "takes a healthy peer for a dead one"},
}

// Judged is the mark of a judgment, or of one that is not known yet.
func Judged(judgment string) term.Mark {
	for _, j := range judgments {
		if judgment == j.name {
			return j.mark
		}
	}
	return term.Mark{Sign: "·", Color: term.Gray}
}

// Legend says what the marks mean.
func Legend(width int) string {
	var parts []string
	for _, j := range judgments {
		parts = append(parts, j.mark.String()+term.Faint.Render(term.Unbroken(" "+j.name+": "+j.says)))
	}
	return term.Wrap(strings.Join(parts, "   "), width)
}
