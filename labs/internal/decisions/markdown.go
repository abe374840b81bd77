package decisions

import (
	"fmt"
	"strings"
)

// Marks of the judgments, where there is room for no word.
var Marks = map[string]string{"right": "✓", "blind": "○", "false alarm": "!"}

// Markdown gives the table in labs/docs/decisions.md: what each defense made of each failure, and when.
func (t *Table) Markdown() string {
	return t.markdown(func(c Cell) string { return Marks[c.Judgment] + " " + c.Outcome })
}

// InMarks gives the table in the README: marks alone.
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
