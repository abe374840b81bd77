package browse

import (
	"cmp"
	"fmt"
	"strings"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
)

// overview says what this is, and what to type next.
func (l *labs) overview() error {
	width := l.screen.width()
	fmt.Fprintf(l.screen, "%s\n%s\n\n", bold.Render("Socket Labs"), hang("", "Go tests that show, on a real "+
		"kernel, what socket timeouts, SO_REUSEADDR and TCP keepalive actually do.", width))
	for _, lab := range catalog.Labs(l.root, l.experiments) {
		experiments := story.Count(len(inLab(l.experiments, lab.Name)), "experiment")
		fmt.Fprintln(l.screen, spread(bold.Render(lab.Name), experiments, width))
		if lab.Question != "" {
			fmt.Fprintln(l.screen, hang("  ", lab.Question, width))
		}
	}
	first := "NAME"
	for _, e := range l.experiments {
		if !e.Long && e.Verdict != catalog.Yours {
			first = short(e)
			break
		}
	}
	fmt.Fprintln(l.screen, "\nNext:")
	for _, next := range []struct{ command, does string }{
		{"run " + first, "watch one experiment"},
		{"list", "all of them"},
		{"claims", "what they say about the chapter"},
		{"--help", "the other commands"},
	} {
		command := fmt.Sprintf("  go run ./labs %-31s ", next.command)
		fmt.Fprintln(l.screen, hang(command, faint.Render(next.does), width))
	}
	return nil
}

// short is an experiment's name as a person would type it.
func short(e catalog.Experiment) string { return cmp.Or(strings.TrimPrefix(e.Test, "Test"), e.Test) }

func inLab(experiments []catalog.Experiment, lab string) []catalog.Experiment {
	var found []catalog.Experiment
	for _, e := range experiments {
		if e.Lab == lab {
			found = append(found, e)
		}
	}
	return found
}
