package site

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/pagemachine"
)

// Content is what the site shows.
type Content struct {
	Root        string // the module's folder
	Experiments []catalog.Experiment
	Runs        []kept.Run
	Machine     *pagemachine.Machine // nil if there is none: then pages can't run experiments
}

// Write writes the site into a folder. Its links are relative: it works under any path.
func Write(ctx context.Context, dir string, c Content) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	folder, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	w := &writer{folder: folder}
	if err := w.machine(c.Machine); err != nil {
		return err
	}
	if err := w.assets(ctx, c); err != nil {
		return err
	}
	if err := w.pages(c); err != nil { // last, because they say how large the other files are
		return err
	}
	return w.worker()
}

// writer writes files of the site, and remembers them. It does not write through links that lead out of the folder.
type writer struct {
	folder *os.Root
	files  []file
}

func (w *writer) write(name string, text []byte) error {
	local := filepath.FromSlash(name)
	if err := w.folder.MkdirAll(filepath.Dir(local), 0o777); err != nil {
		return fmt.Errorf("the site can't be written: %w", err)
	}
	if err := w.folder.WriteFile(local, text, 0o666); err != nil {
		return fmt.Errorf("the site can't be written: %w", err)
	}
	w.add(name, text)
	return nil
}
