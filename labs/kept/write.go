package kept

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Folder takes in what a run leaves.
type Folder struct {
	dir string

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
	artifacts, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		return nil, err
	}
	return &Folder{dir, artifacts}, nil
}

// Close removes the artifacts that were not added.
func (f *Folder) Close() error { return os.RemoveAll(f.Artifacts) }

// Clear removes what a test and its parts have left before.
func (f *Folder) Clear(lab, test string) error {
	folder, err := folderOf(lab, test)
	if err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(f.dir, folder), func(name string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		ours := []string{outcomeFile, storyFile, wireFile, latenessFile}
		if err == nil && slices.Contains(ours, filepath.Base(name)) {
			err = os.Remove(name)
		}
		return err
	})
}

// Add adds the outcome of a test, and the files in the folder of its artifacts, if it has one. Of a
// benchmark it adds the files only: go test does not say how it ended.
func (f *Folder) Add(o Outcome, artifacts string) error {
	folder, err := folderOf(o.Lab, o.Test)
	if err != nil {
		return err
	}
	folder = filepath.Join(f.dir, folder)
	if artifacts != "" {
		if err := moveFiles(artifacts, folder); err != nil {
			return err
		}
	}
	if strings.HasPrefix(o.Test, benchmark) {
		return nil
	}
	text, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, outcomeFile), append(text, '\n'), 0o666)
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
