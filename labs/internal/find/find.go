// Package find finds experiments by what a person knows: an error, a symptom, an option, or any words.
//
// To the search, an experiment is a list of lines: the symptoms that it shows, its title, its name, its question, its claims
// with their verdicts, its failures, and its source. The search splits what the person asked, and each line, into terms:
// words without their endings, pairs of words, and synonyms. A rare term has more weight than a common one, and a term in a
// title has more weight than one in the source. The score of an experiment is the weight of the terms that its best line
// shares with what was asked, plus the weight of the terms that all of its lines together share with it. So all words count,
// and words in the same line count twice. The result shows the best line.
package find

import (
	"cmp"
	"math"
	"slices"

	"socketlabs/labs/internal/catalog"
)

// Match is an experiment that was found, and the line that matches best.
type Match struct {
	Experiment catalog.Experiment `json:"-"`
	Name       string             `json:"experiment"` // lab/test
	Where      string             `json:"where"`      // what kind of line: "symptom", "title", "lab/file.go:12"
	Line       string             `json:"line"`
	Symptom    *Symptom           `json:"symptom"` // the line's symptom, or the plainest that the experiment shows best
	Score      float64            `json:"score"`

	rank int // place of the symptom in the list: the first of several with the same score is the plainest
}

// Index is what the search searches.
type Index struct {
	entries []entry
	known   map[string]int // how many experiments have each term
}

// entry is one experiment in the index.
type entry struct {
	experiment catalog.Experiment
	lines      []line
	plainest   *Symptom // the plainest symptom that it shows best; nil if there is none
}

// line is one line of an experiment. It has several parts, of different weights, only if it is a symptom.
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

// NewIndex is the index of the experiments of the module at root. It leaves out a source that can't be read.
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
		entry := entry{e, linesOf(e, source(e)), plainest(e)}
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

// rarity is the weight of a term: 0.7 if every experiment has it, and more if fewer have it.
func (x *Index) rarity(key string) float64 {
	return math.Log(1 + float64(len(x.entries))/float64(max(1, x.known[key])))
}

// The limits of a result.
const (
	most       = 5    // most experiments
	ofBest     = 0.4  // least score, as a part of the best one's
	ofAllAsked = 0.25 // least part of what was asked, by weight
)

// Find returns the experiments that match the words, the best first. It returns none if no experiment matches well enough.
func (x *Index) Find(words string) []Match {
	asked := x.question(words)
	var found []Match
	for _, e := range x.entries {
		if m, ok := e.match(asked); ok {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.rank, b.rank))
	})
	found = slices.DeleteFunc(found, func(m Match) bool { return m.Score < ofBest*found[0].Score })
	return found[:min(most, len(found))]
}

// Knows reports whether every word, or a synonym of it, is in some experiment.
func (x *Index) Knows(words string) bool {
	asked := x.question(words)
	return len(asked.terms) > 0 && asked.unknown == 0
}
