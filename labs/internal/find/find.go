// Package find finds experiments by what a person knows: an error, a symptom, an option, or any words.
//
// An experiment is a list of lines: the symptoms that it shows, its title, its name, its question, its claims with their
// verdicts, what it makes fail, and its source. The question and each line are taken apart into terms: words without their
// endings, two words in a row, and synonyms. A rare term counts for more than a common one, and a term in a title for more
// than one in source. The score of an experiment is what its best line has in common with the question, plus what all of
// its lines together have in common with it. So all words count, and words in the same line count twice. The best line is
// the one that is shown.
package find

import (
	"cmp"
	"math"
	"slices"

	"socketlabs/labs/internal/catalog"
)

// Match is an experiment that was found, and the line for which.
type Match struct {
	Experiment catalog.Experiment `json:"-"`
	Name       string             `json:"experiment"` // lab/test
	Where      string             `json:"where"`      // what kind of line: "symptom", "title", "lab/file.go:12"
	Line       string             `json:"line"`
	Symptom    *Symptom           `json:"symptom"` // that of the line, or the plainest that the experiment shows best
	Score      float64            `json:"score"`

	rank int // of what has the same score, the symptom that is listed first is the plainest
}

// Index is what there is to find.
type Index struct {
	entries []entry
	known   map[string]int // how many experiments have a term
}

// entry is what one experiment says.
type entry struct {
	experiment catalog.Experiment
	lines      []line
	said       []line   // of these, without its source
	plainest   *Symptom // that it shows best; nil if there is none
}

// line is one thing that an experiment says. Its parts differ in weight only if it is a symptom.
type line struct {
	where   string
	parts   []part
	symptom *Symptom
	rank    int
}

type part struct {
	text   string
	weight float64
	terms  map[string]bool
}

// NewIndex reads what the experiments of the module at root say. A source that can't be read is left out.
func NewIndex(root string, experiments []catalog.Experiment) *Index {
	return NewIndexOf(experiments, func(e catalog.Experiment) string {
		source, _ := e.Source(root)
		return source
	})
}

// NewIndexOf is the index of experiments whose sources are not in files.
func NewIndexOf(experiments []catalog.Experiment, source func(catalog.Experiment) string) *Index {
	x := &Index{known: make(map[string]int)}
	for _, e := range experiments {
		said := linesOf(e)
		entry := entry{e, append(said, sourceLinesOf(e, source(e))...), said, plainest(e)}
		x.entries = append(x.entries, entry)
		has := make(map[string]bool)
		for _, l := range entry.lines {
			for _, p := range l.parts {
				for key := range p.terms {
					has[key] = true
				}
			}
		}
		for key := range has {
			x.known[key]++
		}
	}
	return x
}

// rarity is what a term counts for: 0.7 if every experiment has it, and more, the fewer have it.
func (x *Index) rarity(key string) float64 {
	return math.Log(1 + float64(len(x.entries))/float64(max(1, x.known[key])))
}

// How much is needed to be found.
const (
	most       = 5    // experiments
	ofBest     = 0.4  // of the score of the best
	ofAllAsked = 0.25 // of what was asked, by rarity
)

// Find gives the experiments that fit the words, the best first; none if nothing fits well enough. If there are too many
// words for anything to fit, it drops those that are not part of a phrase.
func (x *Index) Find(words string) []Match {
	asked := x.question(words)
	found := x.matches(asked)
	if len(found) == 0 {
		found = x.matches(asked.inPhrases())
	}
	slices.SortStableFunc(found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.rank, b.rank))
	})
	found = slices.DeleteFunc(found, func(m Match) bool { return m.Score < ofBest*found[0].Score })
	return found[:min(most, len(found))]
}

func (x *Index) matches(q question) (found []Match) {
	for _, e := range x.entries {
		if m, ok := e.match(q); ok {
			found = append(found, m)
		}
	}
	return found
}

// Knows reports whether each of the words, or a synonym of it, is in some experiment.
func (x *Index) Knows(words string) bool {
	asked := x.question(words)
	return len(asked.terms) > 0 && asked.unknown == 0
}
