package classroom

import (
	"cmp"
	"io"
	"slices"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/submissions"
)

// Class is what came of grading one.
type Class struct {
	Exercises []catalog.Exercise
	Students  []Student
	Graded    time.Time
	Took      time.Duration
}

// Student is a row: what was handed in, and what came of it.
type Student struct {
	submissions.Submission
	Results []grade.Result // in the exercises' order
	Notes   []string       // what a teacher should know
}

// Total is the sum of the student's points, and of those that there are.
func (s Student) Total() (earned, points int) { return grade.Total(s.Results) }

// formats are those in which a class can be written, by what the file's name ends in.
var formats = map[string]func(io.Writer, *Class) error{
	".csv":  writeCSV,
	".json": writeJSON,
	".html": writePage,
}

// Mistake is what somebody has not kept to: a sentence of a task. Graders vary what they try first, so one sentence may be
// broken in several ways.
type Mistake struct {
	Exercise string   `json:"exercise"`
	Sentence string   `json:"sentence"` // of the task; what is wrong, where no sentence says it
	Ways     []string `json:"ways"`     // in which it is broken, each once
	Read     string   `json:"read,omitempty"`
	Students []string `json:"students"`
}

// Mistakes are those that the class has made, the most frequent first.
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

// Passed counts the students who have passed an exercise.
func (c *Class) Passed(exercise int) (n int) {
	for _, s := range c.Students {
		if s.Results[exercise].Result == report.Passed {
			n++
		}
	}
	return n
}

// Lab is one whose exercises were graded.
type Lab struct {
	Name      string
	Exercises int
}

// Labs are those of the exercises, in their order.
func (c *Class) Labs() (labs []Lab) {
	for _, e := range c.Exercises {
		if len(labs) == 0 || labs[len(labs)-1].Name != e.Lab {
			labs = append(labs, Lab{Name: e.Lab})
		}
		labs[len(labs)-1].Exercises++
	}
	return labs
}

// Points are those that a student can earn.
func (c *Class) Points() (points int) {
	for _, e := range c.Exercises {
		points += e.Points
	}
	return points
}
