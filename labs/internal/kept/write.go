package kept

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Folder keeps what a run leaves. It writes nothing outside of its folder, and nothing through a link. Read does not follow
// links either.
type Folder struct {
	root   *os.Root
	kernel string // a kernel of the time machine; empty for the machine itself

	// Artifacts is a folder within it, where go test puts artifacts, in folders with random names.
	Artifacts string
}

// Create opens the folder dir for a run on a kernel, and makes it if it does not exist. The caller closes it.
func Create(dir, kernel string) (*Folder, error) {
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
	return &Folder{root, kernel, artifacts}, nil
}

// Close removes the artifacts that Replace has not moved.
func (f *Folder) Close() error {
	return errors.Join(os.RemoveAll(f.Artifacts), f.root.Close())
}

// Left is the outcome of a test, and the folder of its artifacts, below Folder.Artifacts. The latter is empty if the test has
// none.
type Left struct {
	Outcome
	Artifacts string
}

// Replace replaces what an experiment and its subtests left before. It writes everything new before it removes anything old,
// so a full disk destroys nothing.
func (f *Folder) Replace(experiment Outcome, left []Left) error {
	for i := range left {
		if err := f.stage(&left[i]); err != nil {
			return err
		}
	}
	for _, l := range left {
		if err := f.makeFolder(l.Outcome); err != nil {
			return err
		}
	}
	fresh := make(map[string]bool)
	for _, l := range left {
		if err := f.move(l, fresh); err != nil {
			return err
		}
	}
	return f.clear(experiment, fresh)
}

// stage writes the outcome into the folder of artifacts. A benchmark has no outcome, because go test does not say how it
// ended.
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

// folderOf is the folder of a test, relative to dir.
func (f *Folder) folderOf(o Outcome) (string, error) {
	folder, err := folderOf(o.Lab, o.Test)
	return filepath.Join(f.kernel, folder), err
}

// makeFolder makes the folder of a test, and the folders above it.
func (f *Folder) makeFolder(o Outcome) error {
	folder, err := f.folderOf(o)
	if err != nil {
		return err
	}
	above := ""
	for part := range strings.SplitSeq(folder, string(filepath.Separator)) {
		above = filepath.Join(above, part)
		if err := f.root.Mkdir(above, 0o777); !errors.Is(err, fs.ErrExist) {
			if err != nil {
				return err
			}
			continue
		}
		if is, err := f.root.Lstat(above); err != nil || !is.IsDir() {
			return fmt.Errorf("%s is not a folder, and nothing is written through links: remove it", filepath.Join(f.root.Name(), above))
		}
	}
	return nil
}

// move moves the artifacts of a test to its folder, and adds their names to fresh.
func (f *Folder) move(l Left, fresh map[string]bool) error {
	to, err := f.folderOf(l.Outcome)
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
	for _, file := range files {
		name := filepath.Join(to, file.Name())
		if err := f.root.Rename(filepath.Join(from, file.Name()), name); err != nil {
			return err
		}
		fresh[filepath.ToSlash(name)] = true
	}
	return nil
}

// clear removes the files that an experiment and its subtests left before, except those in fresh.
func (f *Folder) clear(experiment Outcome, fresh map[string]bool) error {
	folder, err := f.folderOf(experiment)
	if err != nil {
		return err
	}
	return fs.WalkDir(f.root.FS(), filepath.ToSlash(folder), func(name string, _ fs.DirEntry, err error) error {
		ours := []string{outcomeFile, storyFile, wireFile, latenessFile}
		if err == nil && slices.Contains(ours, path.Base(name)) && !fresh[name] {
			err = f.root.Remove(name)
		}
		return err
	})
}
