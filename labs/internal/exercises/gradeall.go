package exercises

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/term"
)

// gradingStatus is the progress that is shown while exercises are graded.
type gradingStatus struct {
	began     time.Time
	compiling *gotest.Compiling
	detecting *gotest.Compiling // nil while the race detector is not compiled
	booting   bool
	of, done  int
	running   []string
}

func (s *gradingStatus) String() string {
	if s.booting && s.running == nil {
		return story.Tenths(time.Since(s.began)) + "  booting"
	}
	if s.done == 0 && s.running == nil {
		return story.Tenths(time.Since(s.began)) + "  " + s.compiling.String()
	}
	text := fmt.Sprintf("%s  %d of %d done", story.Tenths(time.Since(s.began)), s.done, s.of)
	if len(s.running) > 0 {
		text += ", grading " + strings.Join(s.running, ", ")
	}
	return text + s.detecting.Detector()
}

// gradeAll grades, and shows its progress. It calls each for every result, in the exercises' order: as soon as the result
// and all results before it have come.
func gradeAll(ctx context.Context, s *term.Screen, task grade.Task, each func(grade.Result)) (results []grade.Result, err error) {
	come := make(map[string]grade.Result)
	next := 0
	status := gradingStatus{began: time.Now(), of: len(task.Exercises)}
	err = s.During(func() { s.Show("", status.String()) }, func(then func(func())) (err error) {
		task.Compiling = func(c *gotest.Compiling) { then(func() { status.compiling = c }) }
		task.Detecting = func(c *gotest.Compiling) { then(func() { status.detecting = c }) }
		task.Booting = func() { then(func() { status.booting = true }) }
		task.Started = func(e catalog.Exercise) {
			then(func() { status.running = append(status.running, e.Name) })
		}
		stopped := func(name string) {
			status.running = slices.DeleteFunc(status.running, func(one string) bool { return one == name })
		}
		task.Stopped = func(e catalog.Exercise) { then(func() { stopped(e.Name) }) }
		results, err = task.Do(ctx, func(r grade.Result) {
			then(func() {
				status.done++
				stopped(r.Name)
				come[r.FullName()] = r
				for ; next < len(task.Exercises); next++ {
					first, isThere := come[task.Exercises[next].FullName()]
					if !isThere {
						break
					}
					each(first)
				}
			})
		})
		return err
	})
	return results, err
}
