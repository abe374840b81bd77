package term

import (
	"strings"

	"socketlabs/harness/story"

	"github.com/charmbracelet/x/ansi"
)

// Hang wraps text to the width. Its first line begins with head, the others below where that ends.
func Hang(head, text string, width int) string {
	indent := ansi.StringWidth(head)
	lines := strings.Split(Wrap(text, width-indent), "\n")
	return head + strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}

// hyphen is one at which no line is broken.
const hyphen = "\u2011"

// Wrap breaks text into lines at its spaces, not at hyphens: they are parts of arrows and of options.
func Wrap(text string, width int) string {
	text = lineByLine(ansi.Wrap(strings.ReplaceAll(story.KeepUnits(text), "-", hyphen), width, ""))
	return strings.NewReplacer(hyphen, "-", story.Space, " ").Replace(text)
}

// Unbroken text stays on one line when it is wrapped.
func Unbroken(text string) string { return strings.ReplaceAll(text, " ", story.Space) }

// Spread puts left and right at the ends of one line, or right on a line of its own if they don't fit.
func Spread(left, right string, width int) string {
	space := width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if space < 2 {
		return left + "\n" + ToTheRight(right, width)
	}
	return left + strings.Repeat(" ", space) + right
}

// ToTheRight moves each line of text to the right end of the width.
func ToTheRight(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.Repeat(" ", max(0, width-ansi.StringWidth(line))) + line
	}
	return strings.Join(lines, "\n")
}
