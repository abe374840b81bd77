package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/catalog"
	"socketlabs/labs/internal/find"
)

func newFindCommand(l *labs) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "find WORDS",
		Short: "Find experiments by an error, a symptom, an option or any words",
		Long: "Finds experiments by what you know, best first, each with the line that matched:\n" +
			"an error (\"address already in use\", ETIMEDOUT), what you see (a read that hangs,\n" +
			"CLOSE_WAIT in ss), an option, a sysctl, the number of a claim, any words.",
		Args:              takes(1, anyNumber, "words"),
		ValidArgsFunction: offering(1, find.Names),
		RunE: l.loaded(func(_ context.Context, args []string) error {
			words := strings.Join(args, " ")
			found := find.NewIndex(l.root, l.experiments).Find(words)
			if len(found) == 0 {
				return fmt.Errorf("nothing fits %q; use other words or fewer, or list all experiments: go run ./labs list", words)
			}
			if asJSON {
				return writeJSON(l.screen, found)
			}
			return l.paged(func(w io.Writer) error { return l.matches(w, found) })
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}

// matches shows what was found, and of the best one also what to make of it.
func (l *labs) matches(w io.Writer, found []find.Match) error {
	width := l.screen.width()
	says := func(where, text string) { fmt.Fprintln(w, hang("  ", faint.Render(where+":")+" "+text, width)) }
	for i, m := range found {
		fmt.Fprintln(w, spread(bold.Render(short(m.Experiment)), faint.Render(m.Experiment.Lab), width))
		says(strings.TrimPrefix(m.Where, m.Experiment.Lab+"/"), m.Line)
		if s := m.Symptom; i == 0 && s != nil {
			if m.Line != s.Means {
				says("means", s.Means)
			}
			if m.Line != s.Do {
				says("do", s.Do)
			}
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w, faint.Render("Next: go run ./labs run NAME, or show NAME"))
	return err
}

// unknownName is the error that no experiment has the name, and what was found instead.
type unknownName struct {
	name    string
	nearest []string     // names that differ in some letters
	found   []find.Match // experiments that say something of it
}

func (e *unknownName) Error() string {
	text := fmt.Sprintf("no experiment is called %q; ", e.name)
	switch {
	case len(e.nearest) > 0:
		return text + "the nearest: " + strings.Join(e.nearest, ", ")
	case len(e.found) > 0:
		var fitting []catalog.Experiment
		for _, m := range e.found {
			fitting = append(fitting, m.Experiment)
		}
		return text + "these fit best: " + few(fitting)
	default:
		return text + "go run ./labs list lists all"
	}
}

// offer shows what was found in place of an experiment, if the error is that none has the name.
func (l *labs) offer(err error) error {
	if e, ok := errors.AsType[*unknownName](err); ok && len(e.found) > 0 {
		return firstOf(l.matches(l.screen, e.found), err)
	}
	return err
}

// unknown says what may be meant: names that differ in a few letters, if not every word of the name is known; otherwise
// experiments that fit the words.
func (l *labs) unknown(name string) error {
	words := name
	if lab, test, isInLab := strings.Cut(name, "/"); isInLab && likeLab.MatchString(lab) {
		words = test
	}
	index := find.NewIndex(l.root, l.experiments)
	e := &unknownName{name: name}
	if !index.Knows(words) {
		e.nearest = l.nearest(name)
	}
	if len(e.nearest) == 0 {
		e.found = index.Find(words)
	}
	return e
}
