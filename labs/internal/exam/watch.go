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
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/grade"
)

func newWatchCommand(l *labs) *cobra.Command {
	return &cobra.Command{
		Use:               "watch [LAB or EXERCISE…]",
		Short:             "Grade what you have begun, again whenever you save it",
		Args:              takes(0, anyNumber, "names of labs and exercises"),
		ValidArgsFunction: offering(anyNumber, offerLabsOfExercises, offerExercises),
		RunE: l.exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
			chosen, err := choose(all, args)
			if err != nil {
				return err
			}
			if err := catalog.CheckGraders(l.root); err != nil {
				return err
			}
			if err := gotest.Ready(); err != nil {
				return err
			}
			if !l.screen.isLive() {
				fmt.Fprintln(l.screen, watching)
			}
			w := &watcher{labs: l, names: exerciseNames(chosen), saved: make(map[string]string)}
			return w.watch(ctx, chosen)
		}),
	}
}

const watching = "grading whenever you save; ^C stops"

// lookEvery is how often the files are looked at. They are few and small, so the watcher reads them, and
// does not ask the system for events: from network file systems, and in WSL from Windows' folders, none
// come. It compares what is in the files, because some file systems keep times in seconds.
const lookEvery = 300 * time.Millisecond

type watcher struct {
	*labs
	names []string          // of the exercises
	saved map[string]string // what was in the files when they were read last
}

// watch grades until ctx ends. A file that is saved while its exercises are graded is graded anew.
func (w *watcher) watch(ctx context.Context, chosen []catalog.Exercise) error {
	var ungraded []string // files
	var current *round
	defer func() { current.stop() }()
	for {
		if changed := w.changed(chosen); len(changed) > 0 {
			current.stop()
			ungraded = append(ungraded, changed...)
			current = w.begin(ctx, ungraded)
		}
		if current == nil && w.screen.isLive() { // else the round has the screen
			w.screen.show("", watching)
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
func (w *watcher) changed(chosen []catalog.Exercise) (files []string) {
	for _, e := range chosen {
		if slices.Contains(files, e.File) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(w.root, filepath.FromSlash(e.File)))
		if before, known := w.saved[e.File]; err == nil && (!known || before != string(text)) { // else it is being saved
			w.saved[e.File] = string(text)
			files = append(files, e.File)
		}
	}
	return files
}

// grade grades what is begun in the files.
func (w *watcher) grade(ctx context.Context, files []string) error {
	all, err := catalog.Exercises(w.root)
	if err != nil {
		return err
	}
	begun := slices.DeleteFunc(all, func(e catalog.Exercise) bool {
		return !e.Begun || !slices.Contains(files, e.File) || !slices.Contains(w.names, e.FullName())
	})
	if len(begun) == 0 {
		return nil
	}
	w.screen.end()
	fmt.Fprintf(w.screen, "\n%s\n", bold.Render(time.Now().Format(time.TimeOnly)))
	task := grade.Task{Root: w.root, Student: w.root, Exercises: begun, Limits: usualLimits}
	return w.labs.grade(ctx, task, nil)
}
