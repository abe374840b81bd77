// Package studentsfolder makes the folder that a student gets: the labs, the starters, and the graders.
package studentsfolder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
	if n, err = copyStudentsPart(root, dir); err != nil {
		made, _ := os.ReadDir(dir) // remove everything, because the folder was empty
		for _, entry := range made {
			os.RemoveAll(filepath.Join(dir, entry.Name()))
		}
	}
	return n, err
}

func copyStudentsPart(root, dir string) (n int, err error) {
	files, err := studentsFiles(root)
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			return 0, err
		}
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(file)), text); err != nil {
			return 0, err
		}
	}
	return len(files) + 1, writeNew(filepath.Join(dir, "README.md"), []byte(studentsREADME))
}

// writeNew writes a new file, and makes its folder.
func writeNew(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return wholefile.New(name, text)
}

// offerFolders completes the name of a folder.
func offerFolders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
