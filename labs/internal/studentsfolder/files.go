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

The labs are in lab01_timeout to lab04_compare: tests that make the kernel show what it does. Your work is in the file
exercise.go in the folder exercise of each lab: the task is above each function. Edit nothing else: your teacher takes
these files, and grades them with the project's own graders.

    go run ./labs exercises            the list: what there is to do, and for how many points
    go run ./labs hint PatientConn     a hint; there are more
    go run ./labs grade PatientConn    grade one; without a name, all
    go run ./labs watch                go through them: it grades whenever you save
    go run ./labs reset PatientConn    put one back as it was; your text is kept
    go run ./labs show DialTimeout     read an experiment; run instead of show runs it

It needs Go 1.26, and no network once its modules are there: go mod download fetches them.
`
