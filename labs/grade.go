package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
	"socketlabs/labs/grade"
)

// usualLimits are some times what a correct exercise takes, also on a busy machine.
var usualLimits = grade.Limits{Time: 20 * time.Second, Output: 1 << 20, Memory: 512 << 20}

func newGradeCommand(l *labs) *cobra.Command {
	format, from, limits := formatFlag("text"), "", usualLimits
	cmd := &cobra.Command{
		Use:               "grade [LAB or EXERCISE…]",
		Short:             "Grade exercises by the project's own graders",
		Args:              takes(0, anyNumber, "names of labs and exercises"),
		ValidArgsFunction: offering(anyNumber, offerLabsOfExercises, offerExercises),
		RunE: l.exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
			chosen, err := choose(all, args)
			if err != nil {
				return err
			}
			task := grade.Task{Root: l.root, Student: l.root, Exercises: chosen, Limits: limits}
			if from != "" {
				task.Student = from
			}
			return l.grade(ctx, task, formats[string(format)])
		}),
	}
	cmd.Flags().Var(&format, "format", strings.Join(formatNames(), ", "))
	fromFlag(cmd, &from, "grade the exercise.go files in `DIR`, a student's folder")
	cmd.Flags().Var((*limitFlag)(&limits.Time), "limit", "stop an exercise after this `TIME`")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// grade prints the results; write is nil for people. It fails unless all points were earned.
func (l *labs) grade(ctx context.Context, task grade.Task, write func(io.Writer, []grade.Result) error) error {
	each := func(grade.Result) {}
	if write == nil {
		each = l.graded
	}
	begun := time.Now()
	results, err := l.gradeAll(ctx, task, each)
	if err != nil {
		return err
	}
	earned, points := grade.Total(results)
	if write != nil {
		if err := write(l.screen, results); err != nil {
			return err
		}
	} else {
		score := bold.Render(fmt.Sprintf("%d of %s", earned, story.Count(points, "point")))
		took := faint.Render(fmt.Sprintf("in %s; once compiled, never more than %s", since(begun), story.Duration(task.Limits.AtMost(len(results)))))
		fmt.Fprintf(l.screen, "\n%s\n", hang(score+"   ", took, l.screen.width()))
	}
	if earned < points {
		return gotest.ErrFailed
	}
	return nil
}

var gradeMarks = map[string]mark{
	report.Passed:     passed,
	report.Failed:     failed,
	report.NotBegun:   skipped,
	report.Impossible: skipped,
}

// graded prints one result: the story of the grader, and how it ends, if that is not well.
func (l *labs) graded(r grade.Result) {
	width := l.screen.width()
	right := fmt.Sprintf("%d of %s  %7s", r.Earned, story.Count(r.Points, "point"), story.Tenths(r.Took))
	fmt.Fprintln(l.screen, spread(gradeMarks[r.Result].String()+" "+bold.Render(r.FullName()), right, width))
	switch r.Result {
	case report.NotBegun:
		where := r.Reason
		if where == "" {
			where = fmt.Sprintf("the task is in %s:%d", r.File, r.Line)
		}
		fmt.Fprintln(l.screen, hang("  ", "not begun: "+where, width))
	case report.Impossible:
		fmt.Fprintln(l.screen, hang("  ", "can't be graded on this machine: "+r.Reason, width))
	case report.Failed:
		d := &drawing{width: width - 2}
		var story strings.Builder
		for _, event := range r.Story {
			story.WriteString(d.event(r.Name, event))
		}
		for _, line := range r.Lines() {
			story.WriteString(hang(line[:min(len(line), len("expected:  "))], line[min(len(line), len("expected:  ")):], d.width) + "\n")
		}
		if r.Output != "" && r.Story == nil {
			story.WriteString(faint.Render(lastLines(r.Output)) + "\n")
		}
		fmt.Fprintln(l.screen, hang("  ", strings.TrimSuffix(story.String(), "\n"), width))
	}
}

// lastLines are the end of what was printed.
func lastLines(text string) string {
	const enough = 10
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-enough):], "\n")
}
