package view

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/textpicture"
)

// Summary says how many experiments passed, and why others did not, with the command that runs them again. Interrupted ones
// need no reason.
func Summary(s *term.Screen, r *results.Results, err error, again string) {
	if !r.CanTell(err) {
		return
	}
	type kind struct {
		result, words string
		mark          term.Mark
	}
	unended := kind{results.Unfinished, "did not end", term.Failed}
	if errors.Is(err, context.Canceled) {
		unended = kind{results.Unfinished, "interrupted", term.Skipped}
	}
	var counts []string
	for _, of := range []kind{{gotest.Pass, "passed", term.Passed}, {gotest.Fail, "failed", term.Failed}, unended, {gotest.Skip, "skipped", term.Skipped}} {
		if n := r.Count(of.result); n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d %s", of.mark, n, of.words))
		}
	}
	fmt.Fprintf(s, "\n%s   %s\n", strings.Join(counts, "   "), term.Faint.Render("in "+r.Status()))
	for _, o := range r.Experiments {
		if o.Result == gotest.Fail || o.Result == results.Unfinished && unended.mark == term.Failed {
			fmt.Fprintf(s, "\n%s %s/%s\n", term.Failed, o.Lab, o.Test)
			fmt.Fprintf(s, "  again: go run ./labs %s %s/%s\n", again, o.Lab, o.Test)
		}
	}
	Reasons(s, r)
}

// Failures prints why tests failed.
func Failures(s *term.Screen, r *results.Results) {
	d := &textpicture.Drawing{Width: s.Width()}
	for _, experiment := range r.Experiments {
		for _, o := range experiment.All() {
			if o.Result == gotest.Fail {
				fmt.Fprint(s, d.Failure(o.Test, o.Says))
			}
		}
	}
}

// Reasons prints why experiments or subtests were skipped, each reason once.
func Reasons(s *term.Screen, r *results.Results) {
	var reasons []string
	names := make(map[string][]string)
	for _, experiment := range r.Experiments {
		for _, o := range experiment.All() {
			if o.Result != gotest.Skip {
				continue
			}
			reason := o.Reason()
			if names[reason] == nil {
				reasons = append(reasons, reason)
			}
			names[reason] = append(names[reason], strings.TrimPrefix(o.Test, "Test"))
		}
	}
	width := s.Width()
	for _, reason := range reasons {
		fmt.Fprintf(s, "\n%s\n", term.Hang(term.Skipped.String()+" ", reason, width))
		fmt.Fprintln(s, term.Hang("  ", term.Faint.Render(strings.Join(names[reason], ", ")), width))
	}
}
