package find

import "cmp"

// question is what a person asks for.
type question struct {
	terms   []asked // the terms that some experiment has
	unknown int     // how many words are in none of these terms
	all     float64 // the weight of the whole question
}

// asked is a term of a question, and its weight.
type asked struct {
	key   string
	worth float64
}

// ofPair is the factor for the weight of a pair of words. Each of the two words also has its own weight.
const ofPair = 0.5

func (x *Index) question(words string) (q question) {
	isKnown := make([]bool, len(stemsIn(words)))
	isAsked := make(map[string]bool)
	for _, t := range termsIn(words) {
		if x.known[t.key] == 0 || isAsked[t.key] {
			continue
		}
		isAsked[t.key] = true
		worth := x.rarity(t.key)
		if t.isPair {
			worth *= ofPair
		}
		q.terms = append(q.terms, asked{t.key, worth})
		q.all += worth
		for i := t.first; i <= t.last; i++ {
			isKnown[i] = true
		}
	}
	for _, known := range isKnown {
		if !known {
			q.unknown++
			q.all += x.rarity("")
		}
	}
	return q
}

// match is the experiment's score for a question, and its best line. It is not ok if the experiment has too little of the
// question.
func (e entry) match(q question) (m Match, ok bool) {
	bestLine := 0.0
	for _, l := range e.lines {
		score, text := l.score(q)
		if score > bestLine {
			bestLine = score
			m = Match{Experiment: e.experiment, Name: e.experiment.Name(), Where: l.where, Line: text, Symptom: cmp.Or(l.symptom, e.plainest), rank: l.rank}
		}
	}
	allLines, has := 0.0, 0.0
	for _, a := range q.terms {
		weight := 0.0
		for _, l := range e.lines {
			weight = max(weight, l.weight(a.key))
		}
		allLines += weight * a.worth
		if weight > 0 {
			has += a.worth
		}
	}
	m.Score = bestLine + allLines
	return m, has > 0 && has >= ofAllAsked*q.all
}

// score is the weight of the question's terms in the line, and the text of the part that has most of it.
func (l line) score(q question) (score float64, text string) {
	for _, a := range q.terms {
		score += l.weight(a.key) * a.worth
	}
	most := 0.0
	for _, p := range l.parts {
		has := 0.0
		for _, a := range q.terms {
			if p.terms[a.key] {
				has += p.weight * a.worth
			}
		}
		if has > most {
			most, text = has, p.text
		}
	}
	return score, text
}

// weight is the weight of a term in the line: the most that a part gives it; 0 if the line does not have it.
func (l line) weight(key string) (weight float64) {
	for _, p := range l.parts {
		if p.terms[key] {
			weight = max(weight, p.weight)
		}
	}
	return weight
}
