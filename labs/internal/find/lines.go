package find

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// The weights of a term, by where it is.
const (
	ofError   = 7.0 // of a symptom
	ofSight   = 6.0 // what a symptom looks like
	ofTitle   = 4.0
	ofName    = 3.0
	ofAdvice  = 2.0 // what a symptom means, and what to do
	ofVerdict = 2.0
	ofFailure = 2.0
	ofSource  = 1.0

	ofSecond = 0.5 // factor for a symptom that another experiment shows better
)

// linesOf are the lines of the experiment without its source, those with the most weight first: if two lines have the same
// score, the result shows the first.
func linesOf(e catalog.Experiment) (lines []line) {
	for rank, s := range Symptoms() {
		if i := slices.Index(s.ShownBy, e.Test); i >= 0 {
			lines = append(lines, line{where: "symptom", symptom: &s, rank: rank, parts: partsOf(s, i == 0)})
		}
	}
	add := func(where, text string, weight float64, more ...string) {
		lines = append(lines, newLine(where, text, weight, append(more, text)...))
	}
	add("title", e.Title, ofTitle)
	add("name", e.Words(), ofName, e.Test, strings.TrimPrefix(e.Test, "Test"))
	add("question", strings.TrimSpace(e.Question+" "+strings.Join(e.Answers, "; ")), ofVerdict)
	for _, f := range e.Findings {
		for _, id := range f.Claims {
			add("claim", fmt.Sprintf("%s, %q: %s", id, catalog.Wording(id), f.Remark()), ofVerdict)
		}
	}
	add("source", e.Origin, ofVerdict)
	add("failure", strings.Join(e.Failures, ", "), ofFailure)
	return lines
}

// sourceLinesOf are the lines of the experiment's source.
func sourceLinesOf(e catalog.Experiment, source string) (lines []line) {
	for where, text := range bodyOf(e, source) {
		lines = append(lines, newLine(where, text, ofSource, text))
	}
	return lines
}

// newLine is a line that is no symptom.
func newLine(where, text string, weight float64, said ...string) line {
	return line{where: where, rank: len(Symptoms()), parts: []part{newPart(text, weight, said...)}}
}

func partsOf(s Symptom, isBest bool) []part {
	weight := 1.0
	if !isBest {
		weight = ofSecond
	}
	return []part{
		newPart(s.Sees, weight*ofSight, s.Sees, s.Also),
		newPart(s.Sees, weight*ofError, s.Error),
		newPart(s.Sees, weight*ofAdvice, s.Means, s.Do),
	}
}

// bodyOf are the lines of the experiment's source, each with its place. It leaves out the doc comment, which the other lines
// are made of.
func bodyOf(e catalog.Experiment, source string) iter.Seq2[string, string] {
	_, body, _ := strings.Cut("\n"+source, "\nfunc ")
	return func(yield func(where, text string) bool) {
		number := e.Line // the line of "func"
		for text := range strings.Lines(body) {
			if !yield(fmt.Sprintf("%s:%d", e.File, number), strings.TrimSpace(text)) {
				return
			}
			number++
		}
	}
}

// newPart is a part that shows text, and is found by the words of said.
func newPart(text string, weight float64, said ...string) part {
	p := part{text: text, weight: weight, terms: make(map[string]bool)}
	for _, words := range said {
		for _, t := range termsIn(words) {
			p.terms[t.key] = true
		}
	}
	return p
}
