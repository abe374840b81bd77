package kept

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Folder takes in what a run leaves. It writes nothing outside of itself: not through a link, either.
type Folder struct {
	root *os.Root

	// Artifacts is a folder within it for go test, which gives the folders there random names.
	Artifacts string
}

// Create opens the folder of a run, and makes it if there is none. Close it.
func Create(dir string) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	artifacts, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Folder{root, artifacts}, nil
}

// Close removes the artifacts that were not added.
func (f *Folder) Close() error {
	return errors.Join(os.RemoveAll(f.Artifacts), f.root.Close())
}

// Left is the outcome of a test, and the folder of its artifacts, below that of all; empty if it has none.
type Left struct {
	Outcome
	Artifacts string
}

// Replace puts what an experiment and its parts have left in place of what they had left before. What is new is
// whole before anything old is removed: a disk that is full takes nothing away.
func (f *Folder) Replace(experiment Outcome, left []Left) error {
	for i := range left {
		if err := f.stage(&left[i]); err != nil {
			return err
		}
	}
	if err := f.clear(experiment.Lab, experiment.Test); err != nil {
		return err
	}
	for _, l := range left {
		if err := f.move(l); err != nil {
			return err
		}
	}
	return nil
}

// stage writes the outcome among the artifacts. There is none of a benchmark: go test does not say how it ended.
func (f *Folder) stage(l *Left) (err error) {
	if l.Artifacts == "" {
		if l.Artifacts, err = os.MkdirTemp(f.Artifacts, "none-"); err != nil {
			return err
		}
	}
	if strings.HasPrefix(l.Test, benchmark) {
		return nil
	}
	text, err := json.MarshalIndent(l.Outcome, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.Artifacts, outcomeFile), append(text, '\n'), 0o666)
}

// clear removes what a test and its parts have left before.
func (f *Folder) clear(lab, test string) error {
	folder, err := folderOf(lab, test)
	if err != nil {
		return err
	}
	return fs.WalkDir(f.root.FS(), filepath.ToSlash(folder), func(name string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		ours := []string{outcomeFile, storyFile, wireFile, latenessFile}
		if err == nil && slices.Contains(ours, path.Base(name)) {
			err = f.root.Remove(name)
		}
		return err
	})
}

// move moves the files of a folder of artifacts to the folder of their test.
func (f *Folder) move(l Left) error {
	to, err := folderOf(l.Lab, l.Test)
	if err != nil {
		return err
	}
	from, err := filepath.Rel(f.root.Name(), l.Artifacts)
	if err != nil {
		return err
	}
	files, err := os.ReadDir(l.Artifacts)
	if err != nil {
		return err
	}
	if err := f.root.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, file := range files {
		if err := f.root.Rename(filepath.Join(from, file.Name()), filepath.Join(to, file.Name())); err != nil {
			return err
		}
	}
	return nil
}
