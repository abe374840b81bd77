package term

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Table is the rows as a table with aligned columns. The first row is the heads of the columns.
func Table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], ansi.StringWidth(text)+len("   "))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		line := Beside(row, widths)
		if n == 0 {
			line = Bold.Render(strings.TrimSuffix(line, "\n")) + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// Stacked is the rows for a narrow screen: each cell has a line of its own, with the head of its column.
func Stacked(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows[1:] {
		b.WriteString(Bold.Render(row[0]) + "\n")
		for i, cell := range row[1:] {
			if cell != "" {
				fmt.Fprintf(&b, "  %17s   %s\n", cell, Faint.Render(rows[0][i+1]))
			}
		}
	}
	return b.String()
}

// Beside puts texts beside each other, in columns of these widths, aligned at the top.
func Beside(texts []string, widths []int) string {
	height := 0
	for _, text := range texts {
		height = max(height, strings.Count(text, "\n")+1)
	}
	rows := make([]string, height)
	for column, text := range texts {
		text += strings.Repeat("\n", height-strings.Count(text, "\n")-1)
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

// AtFoot aligns texts at the bottom: it puts empty lines before the shorter ones.
func AtFoot(texts []string) []string {
	height := 0
	for _, text := range texts {
		height = max(height, strings.Count(text, "\n"))
	}
	moved := make([]string, len(texts))
	for i, text := range texts {
		moved[i] = strings.Repeat("\n", height-strings.Count(text, "\n")) + text
	}
	return moved
}
