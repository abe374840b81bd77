package exercises

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// Watch is the verb that grades whenever an exercise is saved.
func Watch(s *cli.Session) *cobra.Command {
	place := ""
	cmd := &cobra.Command{
		Use:               "watch [LAB or EXERCISE…]",
		Short:             "Grade whenever you save, and lead through the exercises",
		Args:              cli.Takes(0, cli.AnyNumber, "names of labs and exercises"),
		ValidArgsFunction: cli.Offering(cli.AnyNumber, offerLabsOfExercises, offerExercises),
		RunE: s.Exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
			chosen, err := names.Exercises(all, args)
			if err != nil {
				return err
			}
			if err := catalog.CheckGraders(s.Root); err != nil {
				return err
			}
			if err := gotest.Ready(); err != nil {
				return err
			}
			if err := drive.ChooseForExercises(ctx, s, place, chosen); err != nil {
				return err
			}
			w := &watcher{session: s, saved: make(map[string]save), graded: make(map[string]string)}
			for _, e := range chosen {
				w.chosen = append(w.chosen, e.FullName())
			}
			if s.Screen.IsLive() {
				keys, restore := term.Keys(os.Stdin)
				defer restore()
				w.keys = keys
			} else {
				fmt.Fprintln(s.Screen, watching)
			}
			return w.watch(ctx)
		}),
	}
	cli.OnFlag(cmd, &place)
	return cmd
}

const watching = "grading whenever you save; ^C stops"

// lookEvery is how often the watcher reads the files, which are few and small. It does not ask the system for
// events, because network file systems, and Windows' folders in WSL, send none. It compares the contents of the
// files, because some file systems keep times only in seconds.
const lookEvery = 300 * time.Millisecond

type watcher struct {
	session *cli.Session
	chosen  []string    // full names
	keys    <-chan byte // nil if there are none

	exercises []catalog.Exercise // the chosen ones, as they are now
	known     *progress
	states    map[string]string
	trouble   string // why no exercise can be graded; empty if they can

	saved     map[string]save
	unchanged time.Time         // when a file was last saved without a change
	graded    map[string]string // the sums of the texts that were graded last, by full names
	failed    bool              // the last grading could not be done

	at      string // full name of the exercise that the student works on
	hints   int    // how many of its hints were given
	pressed byte   // key that was pressed and not handled yet; zero if there is none
	asks    bool   // whether to reset the exercise
	said    string // the last line of wait on a screen that can't overwrite lines
}

// watch grades until ctx ends, or a key quits. If a file is saved while its exercises are graded, it grades them again.
func (w *watcher) watch(ctx context.Context) error {
	var current *round
	defer func() { current.stop() }()
	w.read()
	for {
		if w.look() || w.trouble != "" {
			current.stop()
			w.read()
			current = w.begin(ctx)
		}
		if current == nil { // otherwise the round uses the screen
			w.press()
			w.wait()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-current.over():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if current.err != nil && !errors.Is(current.err, gotest.ErrFailed) {
				fmt.Fprintln(w.session.Screen, term.Hang("", current.err.Error(), w.session.Screen.Width())) // the next save may be graded
			}
			w.note(current)
			w.read()
			w.goOn(current)
			current = nil
		case key, open := <-w.keys:
			if !open {
				w.keys = nil
			} else if w.quits(key) {
				return nil
			}
		case <-time.After(lookEvery):
		}
	}
}

// round is a grading in progress; nil if there is none.
type round struct {
	sums   map[string]string // of the texts that are graded, by full names
	cancel context.CancelFunc
	done   chan struct{}
	err    error // once it is done
}

// begin starts to grade the exercises that are begun, have not passed, and have changed since they were graded. It
// returns nil if there are none.
func (w *watcher) begin(ctx context.Context) *round {
	task := grade.Task{Root: w.session.Root, Student: w.session.Root, Limits: usualLimits, Guest: w.session.Guest}
	r := &round{sums: make(map[string]string), done: make(chan struct{})}
	w.failed = false
	for _, e := range w.exercises {
		name, sum := e.FullName(), w.known.sum(e)
		if !e.Begun || w.graded[name] == sum || w.states[name] == statePassed {
			continue
		}
		r.sums[name] = sum
		task.Exercises = append(task.Exercises, e)
	}
	if len(task.Exercises) == 0 || w.trouble != "" {
		return nil
	}
	ctx, r.cancel = context.WithCancel(ctx)
	w.session.Screen.End()
	fmt.Fprintf(w.session.Screen, "\n%s\n", term.Bold.Render(time.Now().Format(time.TimeOnly)))
	go func() {
		defer close(r.done)
		r.err = gradeTask(ctx, w.session.Screen, task, w.known, nil)
	}()
	return r
}

func (r *round) over() <-chan struct{} {
	if r == nil {
		return nil
	}
	return r.done
}

// stop ends the grading, and waits for its end.
func (r *round) stop() {
	if r != nil {
		r.cancel()
		<-r.done
	}
}
