// Package classroom grades a class, and writes the results: a table, a page, JSON.
package classroom

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/submissions"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/wholefile"
)

// Task is a class to grade.
type Task struct {
	Each   grade.Task         // how to grade a student; the student's folder is filled in
	All    []catalog.Exercise // all exercises, also those that are not graded
	From   string             // a folder or an archive
	Output string             // a file; empty if none is written
	Accept bool               // also grade submissions in which no exercise.go is found
}

// Do grades the class, and writes the results. It succeeds once the class is graded, however many points were earned.
func (c Task) Do(ctx context.Context, s *term.Screen) error {
	write := formats[filepath.Ext(c.Output)]
	if c.Output != "" {
		if write == nil {
			return fmt.Errorf("-o %s: its name should end in one of %s", c.Output, strings.Join(slices.Sorted(maps.Keys(formats)), ", "))
		}
		if err := wholefile.CanReplace(c.Output); err != nil {
			return err
		}
	}
	if err := catalog.CheckGraders(c.Each.Root); err != nil {
		return err
	}
	if err := gotest.Ready(); err != nil {
		return err
	}
	found, err := submissions.Find(c.From, c.All)
	if err != nil {
		return err
	}
	if err := c.ask(s, found); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "labs-class-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	for i, one := range found {
		if err := one.Lay(filepath.Join(scratch, fmt.Sprint(i))); err != nil {
			return err
		}
	}
	c.Each.Graders = grade.NewGraders(c.Each.Root, scratch)
	class, err := c.grade(ctx, s, found, scratch)
	if err != nil {
		return err
	}
	printClass(s, class)
	if c.Output != "" {
		if err := class.writeTo(c.Output, write); err != nil {
			return err
		}
		fmt.Fprintf(s, "\n%s: %s\n", c.Output, story.Count(len(found), "student"))
	}
	return checkGraded(class)
}

// ask lists the submissions that can't be graded as they are, so that nobody gets 0 points unnoticed.
func (c Task) ask(s *term.Screen, found []submissions.Submission) error {
	unclear := slices.DeleteFunc(slices.Clone(found), func(one submissions.Submission) bool { return one.Problem == "" })
	if len(unclear) == 0 || c.Accept {
		return nil
	}
	for _, one := range unclear {
		fmt.Fprintln(s, term.Hang(one.Where+": ", one.Problem, s.Width()))
	}
	return fmt.Errorf("%d of %s can't be graded as they are: put the files at labNN_x/exercise/exercise.go, or give --accept-missing to grade what was found",
		len(unclear), story.Count(len(found), "submission"))
}

// grade grades the class, and grades again what is in doubt.
func (c Task) grade(ctx context.Context, s *term.Screen, found []submissions.Submission, scratch string) (*Class, error) {
	class := &Class{Exercises: c.Each.Exercises, Graded: time.Now()}
	for _, one := range found {
		class.Students = append(class.Students, Student{Submission: one})
	}
	m := &marking{task: c.Each, class: class, scratch: scratch, status: status{began: class.Graded}}
	err := s.During(func() { s.Show("", m.status.String()) }, func(then func(func())) error {
		m.try, m.then = m.tried, then
		return m.do(ctx)
	})
	class.Took = time.Since(class.Graded)
	for i := range class.Students {
		class.Students[i].Notes = append(notesOn(class.Students[i], c.Each.Exercises), class.Students[i].Notes...)
	}
	return class, err
}

// checkGraded fails if students could not be graded, and says how many. Their notes say why.
func checkGraded(class *Class) error {
	n := 0
	for _, s := range class.Students {
		if slices.ContainsFunc(s.Results, isBroken) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d of %s could not be graded: the notes say why. Exercises that were not graded are not judged", n, story.Count(len(class.Students), "student"))
}

func isBroken(r grade.Result) bool { return r.Result == report.Broken }

// notesOn says what was not handed in, what does not compile, and what could not be graded.
func notesOn(s Student, exercises []catalog.Exercise) (notes []string) {
	if s.Problem != "" {
		notes = append(notes, s.Problem)
	}
	var missing []string
	for _, e := range exercises {
		if s.Files[e.Lab] == nil && !slices.Contains(missing, e.Lab) {
			missing = append(missing, e.Lab)
		}
	}
	if len(missing) > 0 {
		notes = append(notes, "not handed in: "+strings.Join(missing, ", "))
	}
	var uncompiled []string
	for _, r := range s.Results {
		if r.Finding != nil && r.Finding.Mistake == grade.NotCompiled && !slices.Contains(uncompiled, r.Lab) {
			uncompiled = append(uncompiled, r.Lab)
		}
	}
	if len(uncompiled) > 0 {
		notes = append(notes, "does not compile: "+strings.Join(uncompiled, ", "))
	}
	for _, r := range s.Results {
		if isBroken(r) {
			notes = append(notes, r.FullName()+" could not be graded: "+r.Reason)
		}
	}
	return notes
}

// printClass prints a line for each student, and the mistakes that several have made.
func printClass(s *term.Screen, class *Class) {
	width := s.Width()
	undetected := ""
	for _, student := range class.Students {
		undetected = cmp.Or(undetected, grade.Undetected(student.Results))
		earned, points := student.Total()
		fmt.Fprintln(s, term.Spread(term.Bold.Render(student.Student), fmt.Sprintf("%d of %s", earned, story.Count(points, "point")), width))
		for _, note := range student.Notes {
			fmt.Fprintln(s, term.Hang("  ", note, width))
		}
	}
	if shared := class.Shared(); len(shared) > 0 {
		fmt.Fprintf(s, "\n%s\n", term.Bold.Render("Mistakes that the class shares"))
		for _, m := range shared {
			fmt.Fprintln(s, term.Hang(fmt.Sprintf("%4d  ", len(m.Students)), m.Exercise+": "+strings.Join(m.Ways, "; "), width))
		}
	}
	if undetected != "" {
		fmt.Fprintln(s, "\n"+term.Hang("", undetected, width))
	}
	fmt.Fprintf(s, "\n%s, in %s\n", story.Count(len(class.Students), "student"), story.Tenths(class.Took))
}
