package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/gotest"
)

// The doctor is a test that says what the machine is and can do. It is kept with what experiments leave.
const (
	doctorFolder = "labs/internal/doctor"
	doctorTest   = "TestMachine"
)

// withoutDoctor is a view of the experiments that a doctor runs with.
type withoutDoctor struct{ view }

func (v withoutDoctor) event(e gotest.Event) {
	if !strings.HasSuffix(e.Package, "/"+doctorFolder) {
		v.view.event(e)
	}
}

func newDoctorCommand(l *labs) *cobra.Command {
	return &cobra.Command{
		Use:               "doctor",
		Short:             "Say what this machine can show and what not, and what would help",
		Args:              takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              l.loaded(func(ctx context.Context, _ []string) error { return l.doctor(ctx) }),
	}
}

// doctorView collects what the doctor finds.
type doctorView struct {
	*waitView
	found []gotest.Event
}

func (v *doctorView) event(e gotest.Event) {
	v.waitView.event(e)
	if e.Action == gotest.Attr {
		v.found = append(v.found, e)
	}
}

func (l *labs) doctor(ctx context.Context) error {
	v := &doctorView{waitView: &waitView{screen: l.screen, results: new(results), what: "looking at this machine"}}
	err := l.drive(ctx, []string{"-count=1", "-run", "^" + doctorTest + "$", "./" + doctorFolder}, v, nil)
	if err != nil && !errors.Is(err, gotest.ErrFailed) {
		return err
	}
	shown := l.paged(func(w io.Writer) error { return l.diagnosis(w, v.found) })
	l.failures(v.results)
	return firstOf(shown, err)
}

func (l *labs) diagnosis(w io.Writer, found []gotest.Event) (err error) {
	width := l.screen.width()
	fmt.Fprintln(w, bold.Render("This machine"))
	for _, e := range found {
		if name, isFact := strings.CutPrefix(e.Key, "is/"); isFact {
			head := fmt.Sprintf("  %-14s", strings.ReplaceAll(name, "_", " "))
			fmt.Fprintln(w, hang(head, e.Value, width))
		}
	}
	says := make(map[string]string)
	fmt.Fprintln(w, "\n"+bold.Render("What it can show"))
	for _, e := range found {
		if name, ok := strings.CutPrefix(e.Key, "says/"); ok {
			says[name] = e.Value
		}
		if name, ok := strings.CutPrefix(e.Key, "can/"); ok {
			_, err = fmt.Fprintln(w, l.ability(name, says[name], e.Value, width))
		}
	}
	return err
}

// ability says whether this machine has something, or else why not and for how many experiments.
func (l *labs) ability(name, says, missing string, width int) string {
	if missing == "" {
		return hang(fmt.Sprintf("  %s %-20s", passed, name), says, width)
	}
	text := fmt.Sprintf("%s\n%s", says, missing)
	n := 0
	for _, e := range l.experiments {
		for _, need := range e.Needs {
			if need == name {
				n++
			}
		}
	}
	if n > 0 {
		text += fmt.Sprintf("\nexperiments that need it: %d", n)
	}
	return hang(fmt.Sprintf("  %s %-20s", failed, name), text, width)
}
