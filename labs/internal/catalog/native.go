package catalog

import (
	"go/token"
	"path"
	"strings"
)

// isNative reports whether the file of a lab is for other systems than Linux alone. Its tests show what is those systems' own,
// and are no experiments: nobody can run them here.
func isNative(name string) bool {
	for _, system := range []string{"_bsd", "_darwin", "_freebsd", "_windows"} {
		if strings.HasSuffix(name, system+"_test.go") {
			return true
		}
	}
	return false
}

// Native are the tests of the labs for other systems: where they are, and in Title what they show.
func Native(root string) (tests []Experiment, err error) {
	names, err := filesIn(root, "lab[0-9]*/*_test.go")
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	for _, name := range names {
		if !isNative(name) {
			continue
		}
		file, err := parse(fset, root, name)
		if err != nil {
			return nil, err
		}
		for _, function := range testsIn(file) {
			first, _, _ := strings.Cut(function.Doc.Text(), "\n\n")
			title := strings.TrimPrefix(oneLine(first), function.Name.Name+": ")
			tests = append(tests, Experiment{Lab: path.Dir(name), Test: function.Name.Name, File: name, Title: title})
		}
	}
	return tests, nil
}
