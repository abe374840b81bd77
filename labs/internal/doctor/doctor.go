// Package doctor is the verb doctor: what this machine is, and what it can show.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// Command is the verb doctor.
func Command(s *cli.Session) *cobra.Command {
	return &cobra.Command{
		Use:               "doctor",
		Short:             "Say what this machine can and can't show, and what would help",
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              s.Loaded(func(ctx context.Context, _ []string) error { return diagnose(ctx, s) }),
	}
}

// foundView collects what the machine test finds.
type foundView struct {
	view.View
	found []gotest.Event
}

func (v *foundView) Event(e gotest.Event) {
	v.View.Event(e)
	if e.Action == gotest.Attr {
		v.found = append(v.found, e)
	}
}

func diagnose(ctx context.Context, s *cli.Session) error {
	r := new(results.Results)
	v := &foundView{View: view.NewWait(s.Screen, r, "looking at this machine")}
	err := drive.Tests(ctx, s, []string{"-count=1", "-run", "^" + drive.MachineTest + "$", "./" + drive.MachineTestFolder}, v, nil)
	if err != nil && !errors.Is(err, gotest.ErrFailed) {
		return err
	}
	shown := s.Screen.Paged(func(w io.Writer) error { return diagnosis(w, s, v.found) })
	view.Failures(s.Screen, r)
	return cmp.Or(shown, err)
}

func diagnosis(w io.Writer, s *cli.Session, found []gotest.Event) (err error) {
	width := s.Screen.Width()
	fmt.Fprintln(w, term.Bold.Render("This machine"))
	for _, e := range found {
		if name, isFact := strings.CutPrefix(e.Key, "is/"); isFact {
			head := fmt.Sprintf("  %-14s", strings.ReplaceAll(name, "_", " "))
			fmt.Fprintln(w, term.Hang(head, e.Value, width))
		}
	}
	says := make(map[string]string)
	fmt.Fprintln(w, "\n"+term.Bold.Render("What it can show"))
	for _, e := range found {
		if name, ok := strings.CutPrefix(e.Key, "says/"); ok {
			says[name] = e.Value
		}
		if name, ok := strings.CutPrefix(e.Key, "can/"); ok {
			_, err = fmt.Fprintln(w, ability(s.Experiments, name, says[name], e.Value, width))
		}
	}
	return err
}

// ability says whether this machine has something, or else why not and for how many experiments.
func ability(experiments []catalog.Experiment, name, says, missing string, width int) string {
	if missing == "" {
		return term.Hang(fmt.Sprintf("  %s %-22s", term.Passed, name), says, width)
	}
	text := fmt.Sprintf("%s\n%s", says, missing)
	n := 0
	for _, e := range experiments {
		for _, need := range e.Needs {
			if need == name {
				n++
			}
		}
	}
	if n > 0 {
		text += fmt.Sprintf("\nexperiments that need it: %d", n)
	}
	return term.Hang(fmt.Sprintf("  %s %-22s", term.Failed, name), text, width)
}
