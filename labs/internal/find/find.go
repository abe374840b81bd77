// Package find finds experiments by what a person knows: an error, a symptom, an option, or any words.
//
// What an experiment says is a list of lines: symptoms that it shows, its name, its title, its question, its claims with
// their verdicts, what it makes fail, and its source. The words asked for and each line become terms: words without their
// endings, two words in a row, and synonyms. A term counts for the more, the fewer experiments have it, and for more in a
// title than in source. The score of an experiment is what its best line has in common with the question, plus what all of
// its lines together have: so all words count, and those that stand together count twice. The line that is shown is the
// best one.
package find

import (
	"cmp"
	"math"
	"slices"

	"socketlabs/labs/catalog"
)

// Match is an experiment that was found, and the line for which.
type Match struct {
	Experiment catalog.Experiment `json:"-"`
	Name       string             `json:"experiment"` // lab/test
	Where      string             `json:"where"`      // what kind of line: "symptom", "title", "lab/file.go:12"
	Line       string             `json:"line"`
	Symptom    *Symptom           `json:"symptom,omitempty"` // if the line is of one
	Score      float64            `json:"score"`
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
}

// line is one thing that an experiment says. Its parts differ in weight only if it is a symptom.
type line struct {
	where   string
	parts   []part
	symptom *Symptom
}

type part struct {
	text   string
	weight float64
	terms  map[string]bool
}

// NewIndex reads what the experiments of the module at root say.
func NewIndex(root string, experiments []catalog.Experiment) *Index {
	x := &Index{known: make(map[string]int)}
	for _, e := range experiments {
		entry := entry{e, linesOf(root, e)}
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

// ofPair is what two words in a row count for, beside what each of them counts for.
const ofPair = 0.5

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

// Find gives the experiments that fit the words, the best first; none if nothing fits well enough.
func (x *Index) Find(words string) []Match {
	asked := x.question(words)
	var found []Match
	for _, e := range x.entries {
		if m, ok := e.match(asked); ok {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	found = slices.DeleteFunc(found, func(m Match) bool { return m.Score < ofBest*found[0].Score })
	return found[:min(most, len(found))]
}

// Knows reports whether every one of the words, or a synonym of it, stands somewhere.
func (x *Index) Knows(words string) bool {
	asked := x.question(words)
	return len(asked.worth) > 0 && asked.unknown == 0
}

// question is what somebody asks for.
type question struct {
	worth   map[string]float64 // of each term that stands somewhere
	all     float64            // the worth of all that was asked, also of what stands nowhere
	unknown int                // words of which no term stands anywhere
}

func (x *Index) question(words string) question {
	q := question{worth: make(map[string]float64)}
	asked := termsIn(words)
	isKnown := make(map[int]bool) // words, by their place
	for _, t := range asked {
		if x.known[t.key] == 0 {
			continue
		}
		q.worth[t.key] = x.rarity(t.key)
		if t.isPair {
			q.worth[t.key] *= ofPair
		}
		for i := t.first; i <= t.last; i++ {
			isKnown[i] = true
		}
	}
	for i := range wordsIn(words) {
		if !isKnown[i] {
			q.unknown++
		}
	}
	q.all = float64(q.unknown) * x.rarity("")
	for _, worth := range q.worth {
		q.all += worth
	}
	return q
}

// match says what the experiment has of what was asked, and in which line most; not ok if it has too little.
func (e entry) match(asked question) (m Match, ok bool) {
	weights := make(map[string]float64) // of each term, where it weighs most
	best := 0.0
	for _, l := range e.lines {
		if score := l.score(asked, weights); score > best {
			best = score
			m = Match{Experiment: e.experiment, Name: e.experiment.Name(), Where: l.where, Line: l.best(asked), Symptom: l.symptom}
		}
	}
	m.Score = best
	has := 0.0
	for key, weight := range weights {
		m.Score += weight * asked.worth[key]
		has += asked.worth[key]
	}
	return m, has > 0 && has >= ofAllAsked*asked.all
}

// score is what the line has of what was asked. It raises the weights of the terms that weigh more here.
func (l line) score(asked question, weights map[string]float64) (score float64) {
	here := make(map[string]float64)
	for _, p := range l.parts {
		for key := range asked.worth {
			if p.terms[key] {
				here[key] = max(here[key], p.weight)
				weights[key] = max(weights[key], p.weight)
			}
		}
	}
	for key, weight := range here {
		score += weight * asked.worth[key]
	}
	return score
}

// best is the part that has most of what was asked.
func (l line) best(asked question) (text string) {
	most := 0.0
	for _, p := range l.parts {
		has := 0.0
		for key, worth := range asked.worth {
			if p.terms[key] {
				has += p.weight * worth
			}
		}
		if has > most {
			most, text = has, p.text
		}
	}
	return text
}
