package find

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed synonyms.txt
var synonymsText string

// meaning is a line of the list of synonyms.
type meaning struct {
	name    string
	phrases [][]string // each as stems
}

var synonyms = sync.OnceValue(func() (all []meaning) {
	for line := range strings.Lines(synonymsText) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		phrases := strings.Split(line, ", ")
		m := meaning{name: phrases[0]}
		for _, phrase := range phrases {
			m.phrases = append(m.phrases, stemsIn(phrase))
		}
		all = append(all, m)
	}
	return all
})

// meanings are those of which a phrase is among the words, which are stems. Each is one term, whatever the phrase.
func meanings(stems []string) (terms []term) {
	for _, m := range synonyms() {
		for _, phrase := range m.phrases {
			for i := 0; i+len(phrase) <= len(stems); i++ {
				if slices.Equal(stems[i:i+len(phrase)], phrase) {
					terms = append(terms, term{key: "= " + m.name, first: i, last: i + len(phrase) - 1})
				}
			}
		}
	}
	return terms
}

// Names are words that find something, for completion.
func Names() (names []string) {
	for _, m := range synonyms() {
		names = append(names, m.name)
	}
	return names
}
