package exercises

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
)

// save is the text of a file when the watcher last read it.
type save struct {
	text    string
	at      time.Time
	missing time.Time // since when it can't be read; zero if it can
}

// saving is how long a file may be missing while an editor saves it.
const saving = time.Second

// look reports whether something has changed since the last look: the text of a file, or whether it can be read.
func (w *watcher) look() (changed bool) {
	files := []string{}
	for _, e := range w.exercises {
		files = append(files, e.File)
	}
	for _, file := range slices.Compact(files) {
		changed = w.lookAt(file) || changed
	}
	return changed
}

func (w *watcher) lookAt(file string) (changed bool) {
	path := filepath.Join(w.session.Root, filepath.FromSlash(file))
	before, known := w.saved[file]
	is, err := os.Stat(path)
	var text []byte
	if err == nil {
		text, err = catalog.ReadStudentsFile(path)
	}
	switch {
	case err == nil:
		w.saved[file] = save{text: string(text), at: is.ModTime()}
	case !known:
		return false // read has said so
	case before.missing.IsZero():
		before.missing = time.Now()
		w.saved[file] = before
		return false
	case time.Since(before.missing) < saving:
		return false
	default:
		delete(w.saved, file)
		return true
	}
	if !known || before.text != string(text) {
		return true
	}
	if before.at.Equal(is.ModTime()) {
		return false
	}
	w.unchanged = time.Now()
	return w.failed
}

// read reads the exercises again: which are begun, and which have passed.
func (w *watcher) read() {
	all, err := catalog.Exercises(w.session.Root)
	chosen := slices.DeleteFunc(slices.Clone(all), func(e catalog.Exercise) bool { return !slices.Contains(w.chosen, e.FullName()) })
	if err == nil && len(chosen) == 0 {
		err = fmt.Errorf("the exercises are gone from %s: put its files back, or leave", w.session.Root)
	}
	w.trouble = ""
	if err != nil {
		w.trouble = err.Error()
		return
	}
	w.exercises = chosen
	if w.known == nil {
		w.known = progressOf(w.session.Root, all)
	}
	w.known.all = all
	w.states = w.known.states()
	w.unchanged = time.Time{}
	if w.at == "" {
		w.at = w.first()
		w.head()
	}
}

// note remembers what a round has graded. What could not be graded is tried again when it is saved again.
func (w *watcher) note(r *round) {
	w.failed = r.err != nil && !errors.Is(r.err, gotest.ErrFailed)
	if w.failed {
		return
	}
	for name, sum := range r.sums {
		w.graded[name] = sum
	}
}
