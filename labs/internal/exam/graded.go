package exam

import (
	"fmt"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/drawing"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/term"
)

var marks = map[string]term.Mark{
	report.Passed:     term.Passed,
	report.Failed:     term.Failed,
	report.NotBegun:   term.Skipped,
	report.Impossible: term.Skipped,
}

// printGraded prints one result: the story of the grader, and how it ends, if that is not well.
func printGraded(s *term.Screen, r grade.Result) {
	width := s.Width()
	right := fmt.Sprintf("%d of %s  %7s", r.Earned, story.Count(r.Points, "point"), story.Tenths(r.Took))
	fmt.Fprintln(s, term.Spread(marks[r.Result].String()+" "+term.Bold.Render(r.FullName()), right, width))
	switch r.Result {
	case report.NotBegun:
		where := r.Reason
		if where == "" {
			where = fmt.Sprintf("the task is in %s:%d", r.File, r.Line)
		}
		fmt.Fprintln(s, term.Hang("  ", "not begun: "+where, width))
	case report.Impossible:
		fmt.Fprintln(s, term.Hang("  ", "can't be graded on this machine: "+r.Reason, width))
	case report.Failed:
		d := &drawing.Drawing{Width: width - 2}
		var story strings.Builder
		for _, event := range r.Story {
			story.WriteString(d.Event(r.Name, event))
		}
		for _, line := range r.Lines() {
			story.WriteString(term.Hang(line[:min(len(line), len("expected:  "))], line[min(len(line), len("expected:  ")):], d.Width) + "\n")
		}
		if r.Output != "" && r.Story == nil {
			story.WriteString(term.Faint.Render(lastLines(r.Output)) + "\n")
		}
		fmt.Fprintln(s, term.Hang("  ", strings.TrimSuffix(story.String(), "\n"), width))
	}
}

// lastLines are the end of what was printed.
func lastLines(text string) string {
	const enough = 10
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-enough):], "\n")
}
