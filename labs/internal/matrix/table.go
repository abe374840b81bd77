package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/gotest"
)

// judgements are what a defence makes of a failure, best first.
var judgements = []struct {
	name string
	mark mark
	says string
}{
	{"right", mark{decisions.Marks["right"], green}, "does what it should"},
	{"blind", mark{decisions.Marks["blind"], amber}, "sees nothing"},
	{"false alarm", mark{decisions.Marks["false alarm"], red}, "takes a healthy peer for a dead one"},
}

// narrowest is the width of a column in which outcomes can be read.
const narrowest = 13

// inWords draws the table with the outcomes in its cells. It is empty if they don't fit into the width.
func (m *matrix) inWords(width int) string {
	if len(m.Defences) == 0 || width < m.widthInWords() {
		return ""
	}
	column := (width - m.sideWidth()) / len(m.Defences)
	return m.table(column, m.Defences, func(c decisions.Cell) string {
		return hang(markOf(c).String()+" ", strings.Replace(c.Outcome, " after ", "\n", 1), column-1)
	}) + "\n" + legend(width)
}

// inMarks draws it with nothing but marks, and says below what the columns are.
func (m *matrix) inMarks(width int) string {
	if len(m.Defences) == 0 {
		return ""
	}
	const column = 4
	var numbers, names []string
	for i, defence := range m.Defences {
		numbers = append(numbers, fmt.Sprint(i+1))
		names = append(names, unbroken(fmt.Sprintf("%d %s", i+1, defence)))
	}
	return m.table(column, numbers, func(c decisions.Cell) string { return markOf(c).String() }) +
		"\n" + wrap(strings.Join(names, "   "), width) + "\n" + legend(width)
}

func (m *matrix) table(column int, heads []string, text func(decisions.Cell) string) string {
	widths := append([]int{m.sideWidth()}, slices.Repeat([]int{column}, len(heads))...)
	header := []string{""}
	for _, head := range heads {
		header = append(header, bold.Render(wrap(head, column-1)))
	}
	var b strings.Builder
	b.WriteString(beside(header, widths, true))
	for _, failure := range m.Failures {
		row := []string{failure}
		for _, defence := range m.Defences {
			row = append(row, text(m.Cell(failure, defence)))
		}
		b.WriteString(beside(row, widths, false))
	}
	return b.String()
}

// beside puts the texts of a row beside each other: at the top of their columns, or at the foot.
func beside(texts []string, widths []int, atFoot bool) string {
	height := 0
	for _, text := range texts {
		height = max(height, strings.Count(text, "\n")+1)
	}
	rows := make([]string, height)
	for column, text := range texts {
		empty := strings.Repeat("\n", height-strings.Count(text, "\n")-1)
		if atFoot {
			text = empty + text
		} else {
			text += empty
		}
		for i, line := range strings.Split(text, "\n") {
			rows[i] += line + strings.Repeat(" ", max(0, widths[column]-ansi.StringWidth(line)))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	return b.String()
}

// widthInWords is the least width for inWords.
func (m *matrix) widthInWords() int { return m.sideWidth() + len(m.Defences)*narrowest }

// sideWidth is that of the failures' names.
func (m *matrix) sideWidth() int {
	width := 0
	for _, failure := range m.Failures {
		width = max(width, ansi.StringWidth(failure)+2)
	}
	return width
}

func markOf(c decisions.Cell) mark {
	switch c.Result {
	case gotest.Fail:
		return failed
	case gotest.Skip:
		return skipped
	}
	for _, j := range judgements {
		if c.Judgement == j.name {
			return j.mark
		}
	}
	return mark{"·", grey}
}

func legend(width int) string {
	var parts []string
	for _, j := range judgements {
		parts = append(parts, j.mark.String()+faint.Render(unbroken(" "+j.name+": "+j.says)))
	}
	return wrap(strings.Join(parts, "   "), width)
}
