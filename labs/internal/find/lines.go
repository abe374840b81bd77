package find

import (
	"fmt"
	"slices"
	"strings"

	"socketlabs/labs/catalog"
)

// What a term counts for, by where it stands.
const (
	ofSight   = 6.0 // what a symptom looks like
	ofTitle   = 4.0
	ofName    = 3.0
	ofAdvice  = 2.0 // what a symptom means, and what to do
	ofVerdict = 2.0
	ofFailure = 2.0
	ofSource  = 1.0

	ofSecond = 0.5 // of these, where a symptom is shown better by another experiment
)

// linesOf is all that the experiment says, the weightiest first: of two lines that have as much, the first is shown.
func linesOf(root string, e catalog.Experiment) (lines []line) {
	for _, s := range Symptoms() {
		if i := slices.Index(s.ShownBy, e.Test); i >= 0 {
			lines = append(lines, lineOf(s, i == 0))
		}
	}
	add := func(where, text string, weight float64) {
		lines = append(lines, line{where: where, parts: []part{newPart(text, weight)}})
	}
	add("title", e.Title, ofTitle)
	add("name", e.Words(), ofName)
	add("question", strings.Join(append([]string{e.Question}, e.Answers...), " "), ofVerdict)
	for _, f := range e.Findings {
		for _, id := range f.Claims {
			add("claim", fmt.Sprintf("%s %s %s: %s", id, catalog.Wording(id), f.Verdict.Phrase(), f.Explanation), ofVerdict)
		}
	}
	add("failure", strings.Join(e.Failures, ", "), ofFailure)
	return append(lines, sourceOf(root, e)...)
}

func lineOf(s Symptom, isBest bool) line {
	weight := 1.0
	if !isBest {
		weight = ofSecond
	}
	return line{where: "symptom", symptom: &s, parts: []part{
		newPart(s.Sees, weight*ofSight, s.Error, s.Also),
		newPart(s.Means, weight*ofAdvice),
		newPart(s.Do, weight*ofAdvice),
	}}
}

// sourceOf are the lines of the experiment's source, without its comment, which is in the other lines. What can't be read
// is left out.
func sourceOf(root string, e catalog.Experiment) (lines []line) {
	source, _ := e.Source(root)
	number := e.Line // of "func"
	_, body, _ := strings.Cut("\n"+source, "\nfunc ")
	for text := range strings.Lines(body) {
		if text = strings.TrimSpace(text); text != "" {
			lines = append(lines, line{where: fmt.Sprintf("%s:%d", e.File, number), parts: []part{newPart(text, ofSource)}})
		}
		number++
	}
	return lines
}

// newPart is text, which is found by what it says, and by more.
func newPart(text string, weight float64, more ...string) part {
	p := part{text: text, weight: weight, terms: make(map[string]bool)}
	for _, said := range append(more, text) {
		for _, t := range termsIn(said) {
			p.terms[t.key] = true
		}
	}
	return p
}
