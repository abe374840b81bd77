package exercises

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// lookEvery is how often the files are looked at. They are few and small, so the watcher reads them, and
// does not ask the system for events: from network file systems, and in WSL from Windows' folders, none
// come. It compares what is in the files, because some file systems keep times in seconds.
const lookEvery = 300 * time.Millisecond

type watcher struct {
	session *cli.Session
	chosen  []string    // full names
	keys    <-chan byte // nil if there are none

	exercises []catalog.Exercise // those that are chosen, as they are by now
	known     *progress
	states    map[string]string
	trouble   string // why nothing can be graded

	saved     map[string]save
	unchanged time.Time         // when a file was saved last as it was
	graded    map[string]string // the sums of what was graded last, by full names

	at      string // full name of the exercise that is worked at
	hints   int    // of it, that were given
	pressed byte   // and not done yet; zero is none
	asks    bool   // whether it should be reset
	said    string // last, where lines can't be written over
}

// save is what was in a file when it was read last.
type save struct {
	text string
	at   time.Time
}

// watch grades until ctx ends, or a key quits. A file that is saved while its exercises are graded is graded anew.
func (w *watcher) watch(ctx context.Context) error {
	var current *round
	defer func() { current.stop() }()
	w.read()
	for {
		if w.look() {
			current.stop()
			w.read()
			current = w.begin(ctx)
		}
		if current == nil { // else the round has the screen
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
			for name, sum := range current.sums {
				w.graded[name] = sum
			}
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

// look reports whether a file holds something else than when it was looked at last.
func (w *watcher) look() (changed bool) {
	files := []string{}
	for _, e := range w.exercises {
		files = append(files, e.File)
	}
	for _, file := range slices.Compact(files) {
		path := filepath.Join(w.session.Root, filepath.FromSlash(file))
		is, err := os.Stat(path)
		if err != nil {
			continue // it is being saved
		}
		text, err := os.ReadFile(path)
		before, known := w.saved[file]
		switch {
		case err != nil:
			continue
		case !known || before.text != string(text):
			changed = true
		case !before.at.Equal(is.ModTime()):
			w.unchanged = time.Now()
		}
		w.saved[file] = save{string(text), is.ModTime()}
	}
	return changed || w.exercises == nil
}

// read reads the exercises anew: what is begun, and what has passed.
func (w *watcher) read() {
	all, err := catalog.Exercises(w.session.Root)
	w.trouble = ""
	if err != nil {
		w.trouble = err.Error()
		return
	}
	w.exercises = slices.DeleteFunc(slices.Clone(all), func(e catalog.Exercise) bool { return !slices.Contains(w.chosen, e.FullName()) })
	w.known = progressOf(w.session.Root, all)
	w.states = w.known.states()
	w.unchanged = time.Time{}
	if w.at == "" {
		w.at = w.first()
		w.head()
	}
}

// round is a grading that goes on; nil is none.
type round struct {
	sums   map[string]string // of what is graded, by full names
	cancel context.CancelFunc
	done   chan struct{}
	err    error // once it is done
}

// begin grades what is begun and was not graded as it is now; nil if there is nothing to grade.
func (w *watcher) begin(ctx context.Context) *round {
	task := grade.Task{Root: w.session.Root, Student: w.session.Root, Limits: usualLimits, Guest: w.session.Guest}
	r := &round{sums: make(map[string]string), done: make(chan struct{})}
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
