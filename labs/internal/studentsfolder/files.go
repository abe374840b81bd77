package studentsfolder

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// studentsFiles lists the files that a student gets, relative to the module, with slashes. It leaves out the
// solutions, and the tests of the project itself.
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
	isModule := err == nil // another module, for example a student's folder
	return !isModule && name != "labs/internal/solutions" && base != "testdata" && !strings.HasPrefix(base, ".") && !strings.HasPrefix(base, "_")
}

func isStudentsFile(name string) bool {
	top, _, isBelow := strings.Cut(name, "/")
	if !isBelow {
		return slices.Contains([]string{"go.mod", "go.sum", ".gitignore", ".gitattributes"}, name)
	}
	isTest := strings.HasSuffix(name, "_test.go")
	isOfProject := isTest && (top == "harness" || top == "labs" && path.Dir(name) != "labs/internal/machinetest") // labs doctor runs machinetest
	return slices.Contains([]string{".go", ".json", ".sum", ".css", ".html", ".js", ".mjs", ".txt", ".tmpl"}, path.Ext(name)) && !isOfProject
}

const studentsREADME = `# Socket Labs: your folder

The labs are in lab01_timeout to lab04_compare: tests that make the kernel show what it does. In each lab, you edit one file:
exercise/exercise.go. Each task is the comment above a function or a type. Edit nothing else: your teacher takes only these
files, and grades them with the project's own graders.

    go run ./labs exercises                  list the exercises and their points
    go run ./labs hint PatientConn           give a hint; "hint PatientConn 2" gives two
    go run ./labs grade PatientConn          grade an exercise; without a name, all of them
    go run ./labs watch                      go through the exercises, and grade whenever you save
    go run ./labs reset PatientConn          put an exercise back as it was; your text is kept
    go run ./labs show DialTimeoutGivesUp    read an experiment; "run" in place of "show" runs it

You need Go 1.26. Once the modules are downloaded (go mod download), you need no network.
`
