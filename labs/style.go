package main

import (
	"strings"

	"charm.land/lipgloss/v2"

	"socketlabs/labs/catalog"
)

// The colours are read as well on black as on white: their contrast to either is at least 3.5 to 1. So
// the command need not ask the terminal for its background, which not every terminal answers.
const (
	green  = "28"
	red    = "160"
	amber  = "130"
	blue   = "32"
	violet = "133"
	cyan   = "30"
	grey   = "243"
)

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = colour(grey)
)

func colour(c string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(c)) }

// A mark says without colour what it says in colour.
type mark struct{ sign, colour string }

func (m mark) String() string { return colour(m.colour).Render(m.sign) }

var (
	passed  = mark{"✓", green}
	failed  = mark{"✗", red}
	skipped = mark{"–", amber}
)

var verdicts = map[catalog.Verdict]mark{
	catalog.Holds:       {catalog.Holds.Mark(), green},
	catalog.Conditional: {catalog.Conditional.Mark(), amber},
	catalog.Refuted:     {catalog.Refuted.Mark(), red},
	catalog.Beyond:      {catalog.Beyond.Mark(), blue},
	catalog.Yours:       {catalog.Yours.Mark(), grey},
}

// verdictLegend explains the marks.
func verdictLegend() string {
	var parts []string
	for _, v := range []catalog.Verdict{catalog.Holds, catalog.Conditional, catalog.Refuted, catalog.Beyond} {
		parts = append(parts, verdicts[v].String()+" "+faint.Render(v.Phrase()))
	}
	return strings.Join(parts, "   ")
}

// hang wraps text to the width. Its first line begins with head, the others below where that ends.
func hang(head, text string, width int) string {
	indent := lipgloss.Width(head)
	lines := strings.Split(wrap(text, width-indent), "\n")
	return head + strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}

// Where lines must not be broken.
const (
	hyphen = "\u2011"
	space  = "\u00a0"
)

// wrap breaks text into lines at its spaces, not at hyphens: they are parts of arrows and of options.
func wrap(text string, width int) string {
	text = lipgloss.Wrap(strings.ReplaceAll(text, "-", hyphen), width, "")
	return strings.NewReplacer(hyphen, "-", space, " ").Replace(text)
}

// unbroken text stays on one line when it is wrapped.
func unbroken(text string) string { return strings.ReplaceAll(text, " ", space) }

// spread puts left and right at the ends of one line, or right on a line of its own if they don't fit.
func spread(left, right string, width int) string {
	space := width - lipgloss.Width(left) - lipgloss.Width(right)
	if space < 2 {
		return left + "\n" + lipgloss.PlaceHorizontal(width, lipgloss.Right, right)
	}
	return left + strings.Repeat(" ", space) + right
}
