package term

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The colors are readable on black and on white: their contrast to both is at least 3.5 to 1. So the command
// need not ask the terminal for its background, which not every terminal answers.
const (
	Green  ansi.IndexedColor = 28
	Red    ansi.IndexedColor = 160
	Amber  ansi.IndexedColor = 130
	Blue   ansi.IndexedColor = 32
	Violet ansi.IndexedColor = 133
	Cyan   ansi.IndexedColor = 30
	Gray   ansi.IndexedColor = 243
)

// Style is how words look.
type Style ansi.Style

// The styles for important text, and for unimportant text.
var (
	Bold  = Style(ansi.NewStyle().Bold())
	Faint = Color(Gray)
)

// Color is the style of text in a color.
func Color(c ansi.IndexedColor) Style { return Style(ansi.NewStyle().ForegroundColor(c)) }

// Render is the text in this style.
func (s Style) Render(text string) string { return lineByLine(ansi.Style(s).Styled(text)) }

var styling = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// lineByLine ends a style at the end of each line, and begins it again on the next, because lines are indented,
// cut off and put beside each other.
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

// Mark is a colored sign. It has the same meaning without its color.
type Mark struct {
	Sign  string
	Color ansi.IndexedColor
}

func (m Mark) String() string { return Color(m.Color).Render(m.Sign) }

// The marks of results.
var (
	Passed  = Mark{"✓", Green}
	Failed  = Mark{"✗", Red}
	Skipped = Mark{"–", Amber}
)
