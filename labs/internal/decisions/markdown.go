package decisions

import (
	"fmt"
	"strings"
)

// Marks are the judgments as signs, for where there is no room for a word.
var Marks = map[string]string{"right": "✓", "blind": "○", "false alarm": "!"}

// Markdown returns the table in labs/docs/decisions.md: how our call ended with each defense in each failure, and when.
func (t *Table) Markdown() string {
	return t.markdown(func(c Cell) string { return Marks[c.Judgment] + " " + c.Outcome })
}

// InMarks returns the table in the README, which has only marks.
func (t *Table) InMarks() string {
	return t.markdown(func(c Cell) string { return Marks[c.Judgment] })
}

func (t *Table) markdown(text func(Cell) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| | %s |\n|---%s|\n", strings.Join(t.Defenses, " | "), strings.Repeat("|---", len(t.Defenses)))
	for _, failure := range t.Failures {
		fmt.Fprintf(&b, "| %s |", failure)
		for _, defense := range t.Defenses {
			fmt.Fprintf(&b, " %s |", text(t.Cell(failure, defense)))
		}
		b.WriteString("\n")
	}
	return b.String()
}
