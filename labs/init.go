package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/catalog"
)

func newInitCommand(l *labs) *cobra.Command {
	return &cobra.Command{
		Use:               "init DIR",
		Short:             "Make a student's folder: labs, starters, and what grades them",
		Args:              takes(1, 1, "one folder"),
		ValidArgsFunction: offerFolders,
		RunE: l.exercised(func(_ context.Context, all []catalog.Exercise, args []string) error {
			for _, e := range all {
				if e.Begun {
					return fmt.Errorf("%s is no starter any more: %s is begun; start from a fresh clone", e.File, e.Name)
				}
			}
			if err := catalog.CheckGraders(l.root); err != nil {
				return err
			}
			return l.init(args[0])
		}),
	}
}

// init copies the student's part of the module to a folder that is new, or empty.
func (l *labs) init(dir string) error {
	if inside, err := os.ReadDir(dir); err == nil && len(inside) > 0 {
		return fmt.Errorf("%s is not empty, and nothing is overwritten: name a new folder", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	n, err := copyStudentsPart(l.root, dir)
	if err != nil {
		made, _ := os.ReadDir(dir) // all of it: the folder was empty
		for _, entry := range made {
			os.RemoveAll(filepath.Join(dir, entry.Name()))
		}
		return err
	}
	fmt.Fprintf(l.screen, "%d files in %s. Begin there with README.md, or with go run ./labs exercises\n", n, dir)
	return nil
}

// copyStudentsPart returns how many files it has written.
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

// writeNew writes a file that is not there yet.
func writeNew(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// studentsFiles lists what a student gets, relative to the module, with slashes: not the solutions, and
// not the tests that the project has of itself.
func studentsFiles(root string) (files []string, err error) {
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && !isStudentsFolder(root, name):
			return fs.SkipDir
		case entry.Type().IsRegular() && isStudentsFile(name):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

func isStudentsFolder(root, name string) bool {
	if name == "." {
		return true
	}
	base := path.Base(name)
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name), "go.mod"))
	isModule := err == nil // another one: a student's folder, perhaps
	return !isModule && name != "labs/solutions" && base != "testdata" && !strings.HasPrefix(base, ".") && !strings.HasPrefix(base, "_")
}

func isStudentsFile(name string) bool {
	top, _, isBelow := strings.Cut(name, "/")
	if !isBelow {
		return slices.Contains([]string{"go.mod", "go.sum", ".gitignore", ".gitattributes"}, name)
	}
	isTest := strings.HasSuffix(name, "_test.go")
	isOfProject := isTest && (top == "harness" || top == "labs" && path.Dir(name) != "labs/doctor") // doctor runs its tests
	return slices.Contains([]string{".go", ".json", ".sum", ".css", ".html", ".js", ".tmpl"}, path.Ext(name)) && !isOfProject
}

const studentsREADME = `# Socket Labs: your folder

The labs are in lab01_timeout to lab04_compare: tests that make the kernel show what it does. Your work is in the file
exercise.go in the folder exercise of each lab: the task is above each function. Edit nothing else: your teacher takes
these files, and grades them with the project's own graders.

    go run ./labs exercises            the list: what there is to do, and for how many points
    go run ./labs hint PatientConn     a hint; there are more
    go run ./labs grade PatientConn    grade one; without a name, all
    go run ./labs watch                grade whenever you save
    go run ./labs show DialTimeout     read an experiment; run instead of show runs it

It needs Go 1.26, and no network once its modules are there: go mod download fetches them.
`
