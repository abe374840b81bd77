package term

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"socketlabs/labs/internal/catalog"
)

// The colours are read as well on black as on white: their contrast to either is at least 3.5 to 1. So
// the command need not ask the terminal for its background, which not every terminal answers.
const (
	green  ansi.IndexedColor = 28
	red    ansi.IndexedColor = 160
	amber  ansi.IndexedColor = 130
	blue   ansi.IndexedColor = 32
	violet ansi.IndexedColor = 133
	cyan   ansi.IndexedColor = 30
	grey   ansi.IndexedColor = 243
)

// style is how words look.
type style ansi.Style

var (
	bold  = style(ansi.NewStyle().Bold())
	faint = colour(grey)
)

func colour(c ansi.IndexedColor) style { return style(ansi.NewStyle().ForegroundColor(c)) }

// Render is the text in this style.
func (s style) Render(text string) string { return lineByLine(ansi.Style(s).Styled(text)) }

var styling = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// lineByLine ends a style where its line ends, and begins it anew on the next: lines are indented, cut off
// and put beside each other.
func lineByLine(text string) string {
	lines := strings.Split(text, "\n")
	current := ansi.ResetStyle
	for i, line := range lines {
		if current != ansi.ResetStyle {
			line = current + line
		}
		if all := styling.FindAllString(line, -1); all != nil {
			current = all[len(all)-1]
		}
		if current != ansi.ResetStyle {
			line += ansi.ResetStyle
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// A mark says without colour what it says in colour.
type mark struct {
	sign   string
	colour ansi.IndexedColor
}

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
	indent := ansi.StringWidth(head)
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
	text = lineByLine(ansi.Wrap(strings.ReplaceAll(text, "-", hyphen), width, ""))
	return strings.NewReplacer(hyphen, "-", space, " ").Replace(text)
}

// unbroken text stays on one line when it is wrapped.
func unbroken(text string) string { return strings.ReplaceAll(text, " ", space) }

// spread puts left and right at the ends of one line, or right on a line of its own if they don't fit.
func spread(left, right string, width int) string {
	space := width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if space < 2 {
		return left + "\n" + toTheRight(right, width)
	}
	return left + strings.Repeat(" ", space) + right
}

// toTheRight moves each line of text to the right end of the width.
func toTheRight(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.Repeat(" ", max(0, width-ansi.StringWidth(line))) + line
	}
	return strings.Join(lines, "\n")
}
