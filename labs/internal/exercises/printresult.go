package exercises

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/textpicture"
)

var marks = map[string]term.Mark{
	report.Passed:     term.Passed,
	report.Failed:     term.Failed,
	report.NotBegun:   term.Skipped,
	report.Impossible: term.Skipped,
}

// printGraded prints one result. If the exercise has failed, it prints the grader's story and finding, and the end of what
// the code printed. It prints the compiler's errors of a file only once.
func printGraded(s *term.Screen, r grade.Result, task grade.Task, saidBefore bool) {
	width := s.Width()
	right := fmt.Sprintf("%d of %s  %7s", r.Earned, story.Count(r.Points, "point"), story.Tenths(r.Took))
	fmt.Fprintln(s, term.Spread(marks[r.Result].String()+" "+term.Bold.Render(r.FullName()), right, width))
	indented := func(text string) {
		fmt.Fprintln(s, term.Hang("  ", strings.TrimSuffix(text, "\n"), width))
	}
	switch r.Result {
	case report.Passed:
		if task.Student == task.Root { // students grade their own folder
			indented(afterPassing(task.Root, r.Exercise))
		}
	case report.NotBegun:
		where := r.Reason
		if where == "" {
			where = fmt.Sprintf("the task is in %s:%d", r.File, r.Line)
		}
		indented("not begun: " + where)
	case report.Impossible:
		indented("can't be graded on this machine: " + r.Reason)
	case report.Failed:
		if saidBefore {
			indented(r.Finding.Mistake + ": see above")
			break
		}
		indented(failure(r, width-2))
	}
	if printed := lastLines(r.Output); printed != "" {
		fmt.Fprintln(s, "  your code prints:")
		fmt.Fprintln(s, term.Hang("    ", term.Faint.Render(printed), width))
	}
}

// failure is the end of the grader's story, and its finding. Some stories have hundreds of events.
func failure(r grade.Result, width int) string {
	const most = 12 // events
	d := &textpicture.Drawing{Width: width}
	var text strings.Builder
	before := max(0, len(r.Story)-most)
	if before > 0 {
		text.WriteString(term.Faint.Render("… "+story.Count(before, "earlier event")+": labs grade --format json has all") + "\n")
	}
	for _, event := range r.Story[before:] {
		text.WriteString(d.Event(r.Name, event))
	}
	for _, line := range r.Lines() {
		head := min(len(line), len("expected:  "))
		text.WriteString(term.Hang(line[:head], line[head:], width) + "\n")
	}
	return text.String()
}

// lastLines is the end of what the code printed.
func lastLines(text string) string {
	const lines, letters = 10, 2000
	text = strings.TrimSpace(text)
	all := strings.Split(text[max(0, len(text)-letters):], "\n")
	last := strings.Join(all[max(0, len(all)-lines):], "\n")
	if len(last) < len(text) {
		last = "…\n" + last
	}
	return strings.ToValidUTF8(last, "")
}

// afterPassing says what to look at once an exercise has passed: the solution, or an experiment if the folder has no
// solutions.
func afterPassing(root string, e catalog.Exercise) string {
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(solutionOf(e)))); err == nil {
		return fmt.Sprintf("our solution beside yours, and what wrong ones do: go run ./labs solution %s", e.FullName())
	}
	return fmt.Sprintf("why it works: go run ./labs show %s", e.Read[0])
}
