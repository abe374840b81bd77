package classroom

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/grade"
)

// marking is the grading of a class. The files of student number i are in the folder i of scratch.
type marking struct {
	task    grade.Task
	class   *Class
	scratch string

	try    func(ctx context.Context, student int, exercises []catalog.Exercise) ([]grade.Result, error) // tried
	then   func(func())                                                                                 // calls one at a time
	status status
	apart  []apart
}

// apart is an exercise whose first two gradings came to different results.
type apart struct {
	student, exercise int
	second            grade.Result
}

// do grades everything, then grades again what is in doubt. Where the two gradings disagree, it grades a third time, one
// exercise at a time, with nothing else running.
func (m *marking) do(ctx context.Context) error {
	m.task.Compiling = func(c *gotest.Compiling) { m.then(func() { m.status.compiling = cmp.Or(m.status.compiling, c) }) }
	m.task.Detecting = func(c *gotest.Compiling) { m.then(func() { m.status.detecting = c }) }
	var all, doubtful []int
	for i := range m.class.Students {
		all = append(all, i)
	}
	err := m.each(ctx, "", all, func(ctx context.Context, i int) (err error) {
		m.class.Students[i].Results, err = m.try(ctx, i, m.task.Exercises)
		return err
	})
	if err != nil {
		return err
	}
	for i, s := range m.class.Students {
		if slices.ContainsFunc(s.Results, m.isInDoubt) {
			doubtful = append(doubtful, i)
		}
	}
	if err := m.each(ctx, "grading again what is in doubt: ", doubtful, m.again); err != nil {
		return err
	}
	for _, a := range m.apart {
		if err := m.decide(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// studentsForEachCore is how many students are graded at the same time, on each core. Graders wait more than they compute.
const studentsForEachCore = 2

// each does something for several students at the same time.
func (m *marking) each(ctx context.Context, what string, students []int, do func(ctx context.Context, i int) error) error {
	m.then(func() { m.status.begin(what, len(students)) })
	sideBySide, ctx := errgroup.WithContext(ctx)
	sideBySide.SetLimit(studentsForEachCore * runtime.GOMAXPROCS(0))
	for _, i := range students {
		sideBySide.Go(func() error {
			name := m.class.Students[i].Student
			m.then(func() { m.status.current = append(m.status.current, name) })
			defer m.then(func() { m.status.finish(name) })
			return do(ctx, i)
		})
	}
	return sideBySide.Wait()
}

// again grades again the exercises of a student whose results are in doubt.
func (m *marking) again(ctx context.Context, i int) error {
	s := &m.class.Students[i]
	var at []int // in the results
	var exercises []catalog.Exercise
	for k, r := range s.Results {
		if m.isInDoubt(r) {
			at, exercises = append(at, k), append(exercises, r.Exercise)
		}
	}
	second, err := m.try(ctx, i, exercises)
	for n, r := range second {
		switch first := s.Results[at[n]]; {
		case first.Result == report.Broken:
			s.Results[at[n]] = r
		case r.Result != first.Result && r.Result != report.Broken:
			m.then(func() { m.apart = append(m.apart, apart{i, at[n], r}) })
		}
	}
	return err
}

// decide grades an exercise a third time, and takes the result of two of the three gradings. If the third can't be graded, the
// first counts.
func (m *marking) decide(ctx context.Context, a apart) error {
	s := &m.class.Students[a.student]
	first := s.Results[a.exercise]
	third, err := m.try(ctx, a.student, []catalog.Exercise{first.Exercise})
	if err != nil {
		return err
	}
	counts := "two of three count"
	switch third[0].Result {
	case a.second.Result:
		s.Results[a.exercise] = third[0]
	case report.Broken:
		counts = "the first counts"
	}
	s.Notes = append(s.Notes, fmt.Sprintf("%s: %s, then %s, then %s; %s",
		first.FullName(), outcome(first), outcome(a.second), outcome(third[0]), counts))
	return nil
}

// outcome is the result of one of several gradings, in words: a failure has its sentence and its mistake.
func outcome(r grade.Result) string {
	if r.Result == report.Failed && r.Finding != nil {
		return fmt.Sprintf("%s (%s: %s)", r.Result, r.Finding.Sentence, r.Finding.Mistake)
	}
	return r.Result
}

// isInDoubt reports whether a busy machine may be the cause of a result: a failure, unless nothing was run, or a success
// that took more than half of its limit. What could not be graded is in doubt, too.
func (m *marking) isInDoubt(r grade.Result) bool {
	switch r.Result {
	case report.Broken:
		return true
	case report.Failed:
		return r.Took > 0
	case report.Passed:
		return r.Took > m.task.Limits.Time/2
	}
	return false
}

// tried grades exercises of a student, and returns a result for each. If one can't be graded, its result says so, and the
// others are still graded. The error is for the end of the command.
func (m *marking) tried(ctx context.Context, student int, exercises []catalog.Exercise) ([]grade.Result, error) {
	task := m.task
	task.Student, task.Exercises = filepath.Join(m.scratch, fmt.Sprint(student)), exercises
	results, err := task.Do(ctx, func(grade.Result) {})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if results == nil {
		results = make([]grade.Result, len(task.Exercises))
	}
	for i, r := range results {
		isGraded := r.Result != "" && r.Result != report.Broken && (r.Result != report.Failed || r.Finding != nil)
		if err != nil && !isGraded {
			reason, _, _ := strings.Cut(err.Error(), "\n")
			results[i] = grade.Result{Exercise: task.Exercises[i], Report: report.Report{Result: report.Broken, Reason: reason}}
		}
	}
	return results, nil
}

// status is the progress that is shown while a class is graded.
type status struct {
	began    time.Time
	what     string
	of, done int
	current  []string // students

	compiling *gotest.Compiling // for the first student: the graders are the same for all
	detecting *gotest.Compiling // for the race detector; nil while that is not compiled
}

func (s *status) begin(what string, of int) {
	s.what, s.of, s.done = what, of, 0
}

func (s *status) finish(student string) {
	s.done++
	i := slices.Index(s.current, student)
	s.current = slices.Delete(s.current, i, i+1)
}

func (s *status) String() string {
	if s.compiling != nil && s.done == 0 && s.what == "" {
		if done, of := s.compiling.Progress(); done < of {
			return story.Tenths(time.Since(s.began)) + "  " + s.compiling.String()
		}
	}
	text := fmt.Sprintf("%s  %s%d of %s graded", story.Tenths(time.Since(s.began)), s.what, s.done, story.Count(s.of, "student"))
	return text + s.detecting.Detector() + "  " + strings.Join(s.current, ", ")
}
