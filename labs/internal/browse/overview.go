// Package browse has the verbs that show the labs, their experiments, and what these find about the chapter's claims.
package browse

import (
	"fmt"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// Overview says what the labs are, and which commands to try next.
func Overview(s *cli.Session) error {
	width := s.Screen.Width()
	fmt.Fprintf(s.Screen, "%s\n%s\n\n", term.Bold.Render("Socket Labs"), term.Hang("", "Go tests that show, on a real "+
		"kernel, what socket timeouts, SO_REUSEADDR and TCP keepalive actually do.", width))
	for _, lab := range catalog.Labs(s.Root, s.Experiments) {
		experiments := story.Count(len(inLab(s.Experiments, lab.Name)), "experiment")
		fmt.Fprintln(s.Screen, term.Spread(term.Bold.Render(lab.Name), experiments, width))
		if lab.Question != "" {
			fmt.Fprintln(s.Screen, term.Hang("  ", lab.Question, width))
		}
	}
	first := "NAME"
	for _, e := range s.Experiments {
		if !e.Long && e.Verdict != catalog.Yours {
			first = names.Short(e)
			break
		}
	}
	fmt.Fprintln(s.Screen, "\nNext:")
	for _, next := range []struct{ command, does string }{
		{"run " + first, "watch one experiment"},
		{"list", "see what each experiment shows"},
		{"claims", "which of the chapter's claims hold"},
		{"--help", "the other commands"},
	} {
		command := fmt.Sprintf("  go run ./labs %-31s ", next.command)
		fmt.Fprintln(s.Screen, term.Hang(command, term.Faint.Render(next.does), width))
	}
	return nil
}

func inLab(experiments []catalog.Experiment, lab string) []catalog.Experiment {
	var found []catalog.Experiment
	for _, e := range experiments {
		if e.Lab == lab {
			found = append(found, e)
		}
	}
	return found
}
