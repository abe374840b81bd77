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

// Content is what the site is about.
type Content struct {
	Root        string // of the module
	Experiments []catalog.Experiment
	Runs        []kept.Run
	Machine     *pagemachine.Machine // nil if there is none: then nothing runs in the pages
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
	if err := w.pages(c); err != nil { // say what the others weigh
		return err
	}
	return w.worker()
}

// writer writes files of the site, and remembers which. It writes through no link that leads out of the folder.
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
