package find

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed synonyms.txt
var synonymsText string

// phrase is one phrase in a line of synonyms, as stems. Its meaning is the first phrase of that line.
type phrase struct {
	meaning string
	stems   []string
}

// synonyms are all phrases, by their first stems.
var synonyms = sync.OnceValue(func() map[string][]phrase {
	all := make(map[string][]phrase)
	for _, line := range synonymLines() {
		for _, words := range line {
			stems := stemsIn(words)
			all[stems[0]] = append(all[stems[0]], phrase{line[0], stems})
		}
	}
	return all
})

// synonymLines are the lines of the list, each as its phrases.
func synonymLines() (lines [][]string) {
	for line := range strings.Lines(synonymsText) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		lines = append(lines, strings.Split(line, ", "))
	}
	return lines
}

// meanings are the meanings of the phrases in these stems. Phrases with the same meaning give the same term.
func meanings(stems []string) (terms []term) {
	for i, first := range stems {
		for _, p := range synonyms()[first] {
			if n := len(p.stems); i+n <= len(stems) && slices.Equal(stems[i:i+n], p.stems) {
				terms = append(terms, term{key: "= " + p.meaning, first: i, last: i + n - 1})
			}
		}
	}
	return terms
}

// Names are words that find something, for completion.
func Names() (names []string) {
	for _, line := range synonymLines() {
		names = append(names, line[0])
	}
	return names
}
