package site

import (
	"context"
	"os"
	"path/filepath"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/pagemachine"
)

// Content is what the site is about.
type Content struct {
	Root        string // of the module
	Experiments []catalog.Experiment
	Runs        []kept.Run
	Machine     *pagemachine.Machine // nil if there is none: then nothing runs in the pages
}

// Write writes the site into a folder. Its links are relative: it works under any path.
func Write(ctx context.Context, dir string, c Content) error {
	w := &writer{dir: dir}
	if err := w.pages(c); err != nil {
		return err
	}
	if err := w.assets(ctx, c); err != nil {
		return err
	}
	return w.worker()
}

// writer writes files of the site, and remembers which.
type writer struct {
	dir   string
	files []file
}

func (w *writer) write(name string, text []byte) error {
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	w.add(name, text)
	return os.WriteFile(path, text, 0o666)
}
