package term

import (
	"strings"

	"socketlabs/harness/story"

	"github.com/charmbracelet/x/ansi"
)

// Hang wraps text to the width, with a hanging indent: head is before the first line, and the others are indented by its width.
func Hang(head, text string, width int) string {
	indent := ansi.StringWidth(head)
	lines := strings.Split(Wrap(text, width-indent), "\n")
	return head + strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}

// hyphen is a non-breaking hyphen.
const hyphen = "\u2011"

// Wrap breaks text into lines at its spaces. It does not break at hyphens, because arrows and options contain them.
func Wrap(text string, width int) string {
	text = lineByLine(ansi.Wrap(strings.ReplaceAll(story.KeepUnits(text), "-", hyphen), width, ""))
	return strings.NewReplacer(hyphen, "-", story.Space, " ").Replace(text)
}

// Unbroken is text that Wrap keeps on one line.
func Unbroken(text string) string { return strings.ReplaceAll(text, " ", story.Space) }

// Spread puts left and right at the two ends of a line. If they don't fit, right has a line of its own.
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
