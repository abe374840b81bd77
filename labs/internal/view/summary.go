package view

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
)

// summary says how many experiments passed, and why others did not, and with which command to try again. Those that
// were interrupted need no reason.
func (l *labs) summary(r *results, err error, again string) {
	if !r.canTell(err) {
		return
	}
	type kind struct {
		result, words string
		mark          mark
	}
	unended := kind{unfinished, "did not end", failed}
	if errors.Is(err, context.Canceled) {
		unended = kind{unfinished, "interrupted", skipped}
	}
	var counts []string
	for _, of := range []kind{{gotest.Pass, "passed", passed}, {gotest.Fail, "failed", failed}, unended, {gotest.Skip, "skipped", skipped}} {
		if n := r.count(of.result); n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d %s", of.mark, n, of.words))
		}
	}
	fmt.Fprintf(l.screen, "\n%s   %s\n", strings.Join(counts, "   "), faint.Render("in "+since(r.began)))
	for _, o := range r.experiments {
		if o.Result == gotest.Fail || o.Result == unfinished && unended.mark == failed {
			fmt.Fprintf(l.screen, "\n%s %s/%s\n", failed, o.Lab, o.Test)
			fmt.Fprintf(l.screen, "  again: go run ./labs %s %s/%s\n", again, o.Lab, o.Test)
		}
	}
	l.reasons(r)
}

// failures says why tests failed.
func (l *labs) failures(r *results) {
	d := &drawing{width: l.screen.width()}
	for _, experiment := range r.experiments {
		for _, o := range experiment.all() {
			if o.Result == gotest.Fail {
				fmt.Fprint(l.screen, d.failure(o.Test, o.Says))
			}
		}
	}
}

// reasons says why experiments or parts of them were skipped: each reason once.
func (l *labs) reasons(r *results) {
	var reasons []string
	names := make(map[string][]string)
	for _, experiment := range r.experiments {
		for _, o := range experiment.all() {
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
	width := l.screen.width()
	for _, reason := range reasons {
		fmt.Fprintf(l.screen, "\n%s\n", hang(skipped.String()+" ", reason, width))
		fmt.Fprintln(l.screen, hang("  ", faint.Render(strings.Join(names[reason], ", ")), width))
	}
}

// findings are what one experiment says about its claims, a line each.
func findings(e catalog.Experiment, width int) string {
	if len(e.Findings) == 0 {
		return verdicts[e.Verdict].String() + " " + e.Verdict.Phrase()
	}
	var lines []string
	for _, f := range e.Findings {
		lines = append(lines, hang(verdicts[f.Verdict].String()+" ", strings.Join(f.Claims, ", ")+": "+f.Remark(), width))
	}
	return strings.Join(lines, "\n")
}
