// Package fields reads tables that are written as text. Each paragraph is a row, and each of its lines "Name: text" is a
// field. An indented line continues the line before it.
package fields

import (
	"fmt"
	"slices"
	"strings"
)

// Read returns the rows of a text. Each row must have the needed fields, and may have the others.
func Read(text string, needed, others []string) (rows []map[string]string, err error) {
	unfolded := strings.ReplaceAll(text, "\n    ", " ")
	for paragraph := range strings.SplitSeq(strings.TrimSpace(unfolded), "\n\n") {
		row := make(map[string]string)
		for line := range strings.SplitSeq(paragraph, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			if !slices.Contains(needed, name) && !slices.Contains(others, name) {
				return nil, fmt.Errorf("%q is not a field; the fields are %s:\n%s", name, strings.Join(append(needed, others...), ", "), paragraph)
			}
			row[name] = value
		}
		for _, name := range needed {
			if row[name] == "" {
				return nil, fmt.Errorf("a row needs %s:\n%s", strings.Join(needed, ", "), paragraph)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
