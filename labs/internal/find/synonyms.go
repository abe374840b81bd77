package find

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

var (
	//go:embed synonyms.txt
	synonymsText string
	//go:embed errors.txt
	errorsText string
)

// phrase is one phrase in a line of synonyms, as stems. Its meaning is the first phrase of that line.
type phrase struct {
	meaning string
	stems   []string
}

// synonyms are all phrases, by their first stems.
var synonyms = sync.OnceValue(func() map[string][]phrase {
	all := make(map[string][]phrase)
	for _, line := range phrasesOf(errorsText + synonymsText) {
		for _, words := range line {
			stems := stemsIn(words)
			all[stems[0]] = append(all[stems[0]], phrase{line[0], stems})
		}
	}
	return all
})

// isError has the keys of the terms that are errors.
var isError = sync.OnceValue(func() map[string]bool {
	all := make(map[string]bool)
	for _, line := range phrasesOf(errorsText) {
		all[keyOf(line[0])] = true
	}
	return all
})

// keyOf is the key of the term for what all phrases of a line mean.
func keyOf(meaning string) string { return "= " + meaning }

// phrasesOf are the lines of a list, each as its phrases.
func phrasesOf(list string) (lines [][]string) {
	for line := range strings.Lines(list) {
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
				terms = append(terms, term{key: keyOf(p.meaning), first: i, last: i + n - 1, isName: true})
			}
		}
	}
	return terms
}

// Names are words that find something, for completion.
func Names() (names []string) {
	for _, line := range phrasesOf(errorsText + synonymsText) {
		names = append(names, line[0])
	}
	return names
}
