package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// narrowest is the least width of a column with outcomes.
const narrowest = 13

// inWords draws the table with outcomes in its cells. It is empty if they don't fit into the width.
func (t *table) inWords(width int) string {
	if len(t.Defenses) == 0 || width < t.widthInWords() {
		return ""
	}
	column := (width - t.sideWidth()) / len(t.Defenses)
	return t.draw(column, t.Defenses, func(c decisions.Cell) string {
		return term.Hang(markOf(c).String()+" ", strings.Replace(c.Outcome, " after ", "\n", 1), column-1)
	}) + "\n" + view.Legend(width)
}

// inMarks draws the table with only marks in its cells. The names of the columns are below it.
func (t *table) inMarks(width int) string {
	if len(t.Defenses) == 0 {
		return ""
	}
	const column = 4
	var numbers, names []string
	for i, defense := range t.Defenses {
		numbers = append(numbers, fmt.Sprint(i+1))
		names = append(names, term.Unbroken(fmt.Sprintf("%d %s", i+1, defense)))
	}
	return t.draw(column, numbers, func(c decisions.Cell) string { return markOf(c).String() }) +
		"\n" + term.Wrap(strings.Join(names, "   "), width) + "\n" + view.Legend(width)
}

func (t *table) draw(column int, heads []string, text func(decisions.Cell) string) string {
	widths := append([]int{t.sideWidth()}, slices.Repeat([]int{column}, len(heads))...)
	header := []string{""}
	for _, head := range heads {
		header = append(header, term.Bold.Render(term.Wrap(head, column-1)))
	}
	var b strings.Builder
	b.WriteString(term.Beside(term.AtFoot(header), widths))
	for _, failure := range t.Failures {
		row := []string{failure}
		for _, defense := range t.Defenses {
			row = append(row, text(t.Cell(failure, defense)))
		}
		b.WriteString(term.Beside(row, widths))
	}
	return b.String()
}

// widthInWords is the least width for inWords.
func (t *table) widthInWords() int { return t.sideWidth() + len(t.Defenses)*narrowest }

// sideWidth is the width of the first column, with the failures' names.
func (t *table) sideWidth() int {
	width := 0
	for _, failure := range t.Failures {
		width = max(width, ansi.StringWidth(failure)+2)
	}
	return width
}

func markOf(c decisions.Cell) term.Mark {
	switch c.Result {
	case gotest.Fail:
		return term.Failed
	case gotest.Skip:
		return term.Skipped
	}
	return view.Judged(c.Judgment)
}
