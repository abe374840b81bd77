package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"

	"socketlabs/labs/gotest"
)

// keeper puts what tests leave in their artifact folders where a person finds it: DIR/lab/test.
type keeper struct {
	dir   string
	fresh string // inside dir, for go test: it gives its folders random names
	left  []gotest.Event
}

func newKeeper(dir string) (*keeper, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err != nil {
		return nil, fmt.Errorf("--keep: %w", err)
	}
	fresh, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		return nil, fmt.Errorf("--keep: %w", err)
	}
	return &keeper{dir: dir, fresh: fresh}, nil
}

func (k *keeper) args() []string { return []string{"-artifacts", "-outputdir", k.fresh} }

// note remembers the folders that tests have filled.
func (k *keeper) note(e gotest.Event) {
	if k != nil && e.Action == gotest.Artifacts {
		k.left = append(k.left, e)
	}
}

// finish moves the files, in place of those of an earlier run.
func (k *keeper) finish() error {
	if k == nil {
		return nil
	}
	defer os.RemoveAll(k.fresh)
	for _, e := range k.left {
		to := filepath.Join(k.dir, path.Base(e.Package), filepath.FromSlash(e.Test))
		if err := moveFiles(e.Path, to); err != nil {
			return fmt.Errorf("--keep: %w", err)
		}
	}
	return nil
}

func moveFiles(from, to string) error {
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, file := range files {
		if err := os.Rename(filepath.Join(from, file.Name()), filepath.Join(to, file.Name())); err != nil {
			return err
		}
	}
	return nil
}
