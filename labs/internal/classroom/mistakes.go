package classroom

import (
	"cmp"
	"slices"

	"socketlabs/harness/grading/report"
)

// Mistake is a sentence of a task that somebody's code breaks. Graders vary what they try first, so they may find several
// ways in which one sentence is broken.
type Mistake struct {
	Exercise string   `json:"exercise"`
	Sentence string   `json:"sentence"` // of the task; if there is none for it, what is wrong
	Ways     []string `json:"ways"`     // in which it is broken, each once
	Read     string   `json:"read,omitempty"`
	Students []string `json:"students"`
}

// Mistakes are the mistakes of the class, the most frequent first.
func (c *Class) Mistakes() (all []Mistake) {
	at := make(map[[2]string]int)
	for _, s := range c.Students {
		for _, r := range s.Results {
			if r.Result != report.Failed {
				continue
			}
			sentence := cmp.Or(r.Finding.Said, r.Finding.Mistake)
			key := [2]string{r.FullName(), sentence}
			i, again := at[key]
			if !again {
				i = len(all)
				at[key] = i
				all = append(all, Mistake{Exercise: r.FullName(), Sentence: sentence, Read: r.Finding.Read})
			}
			m := &all[i]
			m.Students = append(m.Students, s.Student)
			if !slices.Contains(m.Ways, r.Finding.Mistake) {
				m.Ways = append(m.Ways, r.Finding.Mistake)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Mistake) int { return cmp.Compare(len(b.Students), len(a.Students)) })
	return all
}

// Shared are the mistakes that more than one student has made.
func (c *Class) Shared() []Mistake {
	return slices.DeleteFunc(c.Mistakes(), func(m Mistake) bool { return len(m.Students) < 2 })
}
