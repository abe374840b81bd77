// Package studentsfolder makes the folder that a student gets: the labs, the starters, and the graders.
package studentsfolder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/wholefile"
)

// Command is the verb init.
func Command(s *cli.Session) *cobra.Command {
	return &cobra.Command{
		Use:               "init DIR",
		Short:             "Make a student's folder: labs, starters, and what grades them",
		Args:              cli.Takes(1, 1, "one folder"),
		ValidArgsFunction: offerFolders,
		RunE: s.Exercised(func(_ context.Context, all []catalog.Exercise, args []string) error {
			for _, e := range all {
				if e.Begun {
					return fmt.Errorf("%s is not the starter any more: you have begun %s; use a fresh clone", e.File, e.Name)
				}
			}
			if err := catalog.CheckGraders(s.Root); err != nil {
				return err
			}
			n, err := Make(s.Root, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(s.Screen, "%d files in %s. Begin there with README.md, or with go run ./labs exercises\n", n, args[0])
			return nil
		}),
	}
}

// Make copies the student's part of the module at root to a folder that is new or empty. It returns how many files it has
// written.
func Make(root, dir string) (n int, err error) {
	if inside, err := os.ReadDir(dir); err == nil && len(inside) > 0 {
		return 0, fmt.Errorf("%s is not empty, and nothing is overwritten: name a new folder", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	var c copier
	if err = c.copyStudentsPart(root, dir); err != nil {
		c.remove()
		return 0, err
	}
	return c.files, nil
}

// copier knows what it has made. Somebody else may write to the same folder meanwhile.
type copier struct {
	made  []string // files and folders, in the order in which they were made
	files int
}

func (c *copier) copyStudentsPart(root, dir string) error {
	files, err := studentsFiles(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			return err
		}
		if err := c.write(dir, file, text); err != nil {
			return err
		}
	}
	return c.write(dir, "README.md", []byte(studentsREADME))
}

// write writes a new file to dir, and makes its folder. The name is relative, with slashes.
func (c *copier) write(dir, name string, text []byte) error {
	for i := range name {
		if name[i] != '/' {
			continue
		}
		folder := filepath.Join(dir, filepath.FromSlash(name[:i]))
		if err := os.Mkdir(folder, 0o777); err == nil {
			c.made = append(c.made, folder)
		} else if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := wholefile.New(file, text); err != nil {
		return err
	}
	c.made = append(c.made, file)
	c.files++
	return nil
}

// remove removes what was made, except folders in which somebody else has put something.
func (c *copier) remove() {
	for _, name := range slices.Backward(c.made) {
		os.Remove(name)
	}
}

// offerFolders completes the name of a folder.
func offerFolders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
