package exam

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
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/progress"
	"socketlabs/labs/internal/term"
)

// Watch is the verb that grades whenever an exercise is saved.
func Watch(s *cli.Session) *cobra.Command {
	return &cobra.Command{
		Use:               "watch [LAB or EXERCISE…]",
		Short:             "Grade what you have begun, again whenever you save it",
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
			if !s.Screen.IsLive() {
				fmt.Fprintln(s.Screen, watching)
			}
			w := &watcher{session: s, chosen: chosen, saved: make(map[string]string)}
			return w.watch(ctx)
		}),
	}
}

const watching = "grading whenever you save; ^C stops"

// lookEvery is how often the files are looked at. They are few and small, so the watcher reads them, and
// does not ask the system for events: from network file systems, and in WSL from Windows' folders, none
// come. It compares what is in the files, because some file systems keep times in seconds.
const lookEvery = 300 * time.Millisecond

type watcher struct {
	session *cli.Session
	chosen  []catalog.Exercise
	saved   map[string]string // what was in the files when they were read last
}

// watch grades until ctx ends. A file that is saved while its exercises are graded is graded anew.
func (w *watcher) watch(ctx context.Context) error {
	var ungraded []string // files
	var current *round
	defer func() { current.stop() }()
	for {
		if changed := w.changed(); len(changed) > 0 {
			current.stop()
			ungraded = append(ungraded, changed...)
			current = w.begin(ctx, ungraded)
		}
		if current == nil && w.session.Screen.IsLive() { // else the round has the screen
			w.session.Screen.Show("", watching)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-current.over():
			if current.err != nil && !errors.Is(current.err, gotest.ErrFailed) {
				return current.err
			}
			current, ungraded = nil, nil
		case <-time.After(lookEvery):
		}
	}
}

// round is a grading that goes on; nil is none.
type round struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // once it is done
}

func (w *watcher) begin(ctx context.Context, files []string) *round {
	ctx, cancel := context.WithCancel(ctx)
	r := &round{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = w.grade(ctx, files)
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

// changed lists the files that hold something else than when it was called last.
func (w *watcher) changed() (files []string) {
	for _, e := range w.chosen {
		if slices.Contains(files, e.File) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(w.session.Root, filepath.FromSlash(e.File)))
		if before, known := w.saved[e.File]; err == nil && (!known || before != string(text)) { // else it is being saved
			w.saved[e.File] = string(text)
			files = append(files, e.File)
		}
	}
	return files
}

// grade grades what is begun in the files.
func (w *watcher) grade(ctx context.Context, files []string) error {
	all, err := catalog.Exercises(w.session.Root)
	if err != nil {
		return err
	}
	isChosen := func(e catalog.Exercise) bool {
		return slices.ContainsFunc(w.chosen, func(one catalog.Exercise) bool { return one.FullName() == e.FullName() })
	}
	begun := slices.DeleteFunc(all, func(e catalog.Exercise) bool {
		return !e.Begun || !slices.Contains(files, e.File) || !isChosen(e)
	})
	if len(begun) == 0 {
		return nil
	}
	w.session.Screen.End()
	fmt.Fprintf(w.session.Screen, "\n%s\n", term.Bold.Render(time.Now().Format(time.TimeOnly)))
	task := grade.Task{Root: w.session.Root, Student: w.session.Root, Exercises: begun, Limits: usualLimits}
	return gradeTask(ctx, w.session.Screen, task, progress.Of(w.session.Root, all), nil)
}
