package exam

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/classbook"
	"socketlabs/labs/internal/grade"
)

// isInDoubt tells the results that a busy machine may have made: a failure, unless nothing was run, and a success that took
// half of all the time that it had. What could not be graded is tried again, too.
func isInDoubt(r grade.Result, limit time.Duration) bool {
	switch r.Result {
	case report.Broken:
		return true
	case report.Failed:
		return r.Took > 0
	case report.Passed:
		return r.Took > limit/2
	}
	return false
}

// gradeAgain grades what is in doubt once more, one student at a time. Where the two runs disagree, a third decides.
func (c classTask) gradeAgain(ctx context.Context, class *classbook.Class, scratch string, status *classStatus, then func(func())) error {
	var again []int
	for i, s := range class.Students {
		for _, r := range s.Results {
			if isInDoubt(r, c.task.Limits.Time) {
				again = append(again, i)
				break
			}
		}
	}
	then(func() { status.again = len(again) })
	for _, i := range again {
		s := &class.Students[i]
		then(func() { status.current = append(status.current, s.Student) })
		task := c.task
		task.Student = filepath.Join(scratch, fmt.Sprint(i))
		if err := confirm(ctx, task, s); err != nil {
			return err
		}
		then(func() { status.finished(s.Student) })
	}
	return nil
}

// confirm replaces the results that two later runs agree on, and says so.
func confirm(ctx context.Context, task grade.Task, s *classbook.Student) error {
	var at []int // in the results
	task.Exercises = nil
	for i, r := range s.Results {
		if isInDoubt(r, task.Limits.Time) {
			at, task.Exercises = append(at, i), append(task.Exercises, r.Exercise)
		}
	}
	second, err := tried(ctx, task)
	if err != nil {
		return err
	}
	for k, i := range at {
		first := s.Results[i]
		switch {
		case first.Result == report.Broken:
			s.Results[i] = second[k]
			continue
		case second[k].Result == first.Result || second[k].Result == report.Broken:
			continue
		}
		task.Exercises = []catalog.Exercise{first.Exercise}
		third, err := tried(ctx, task)
		if err != nil {
			return err
		}
		if third[0].Result == second[k].Result {
			s.Results[i] = third[0]
		}
		s.Notes = append(s.Notes, fmt.Sprintf("%s: %s, then %s, then %s; two of three count", first.FullName(), first.Result, second[k].Result, third[0].Result))
	}
	return nil
}

// tried grades, and gives a result for every exercise. That one could not be graded is no reason to lose the others: its
// result says so. The error is that the command ends.
func tried(ctx context.Context, task grade.Task) ([]grade.Result, error) {
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
