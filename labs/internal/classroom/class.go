package classroom

import (
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/submissions"
)

// Class is the result of grading a class.
type Class struct {
	Exercises []catalog.Exercise
	Students  []Student
	Graded    time.Time
	Took      time.Duration
}

// Student is a row of the results: one submission.
type Student struct {
	submissions.Submission
	Results []grade.Result // in the exercises' order
	Notes   []string       // what a teacher should know
}

// Total is the sum of the student's points, and the most that a student can earn.
func (s Student) Total() (earned, points int) { return grade.Total(s.Results) }

// NotBegun are the exercises that the student has handed in, and has not begun.
func (s Student) NotBegun() (names []string) {
	for _, r := range s.Results {
		if r.Result == report.NotBegun && s.Files[r.Lab] != nil {
			names = append(names, r.FullName())
		}
	}
	return names
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

// Lab is a lab whose exercises were graded.
type Lab struct {
	Name      string
	Exercises int
}

// Labs are the labs of the exercises, in their order.
func (c *Class) Labs() (labs []Lab) {
	for _, e := range c.Exercises {
		if len(labs) == 0 || labs[len(labs)-1].Name != e.Lab {
			labs = append(labs, Lab{Name: e.Lab})
		}
		labs[len(labs)-1].Exercises++
	}
	return labs
}

// Points is how many points a student can earn.
func (c *Class) Points() (points int) {
	for _, e := range c.Exercises {
		points += e.Points
	}
	return points
}
