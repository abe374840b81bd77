// Package scaffold is the verb new: it starts an experiment, or says what experiments lack.
//
// The experiment that it writes compiles and passes. It counts as the reader's own until its comment is complete. Each line that
// its author has to change says TODO.
//
//	command.go     the verb
//	scaffold.go    starts an experiment
//	experiment.go  the text of an experiment
//	imports.go     adds imports to a file
//	lacking.go     what an experiment lacks
package scaffold

import (
	"errors"
	"fmt"
	"go/format"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// begin starts an experiment in a lab of the module at root, and returns its file: the given one, or a new one with the next
// number. The name of the experiment is a Go name, with or without Test before it.
func begin(root, lab, name, file string) (string, error) {
	test := "Test" + strings.TrimPrefix(name, "Test")
	if rest := strings.TrimPrefix(test, "Test"); !token.IsIdentifier(test) || !token.IsExported(rest) {
		return "", fmt.Errorf("%q is not a name for an experiment: write it as Go does, such as DialTimeoutGivesUp", name)
	}
	experiments, err := catalog.Load(root)
	if err != nil {
		return "", err
	}
	for _, e := range experiments {
		if e.Lab == lab && e.Test == test {
			return "", fmt.Errorf("there is a %s already, in %s", test, e.File)
		}
	}
	if file == "" {
		if file, err = next(root, lab, test); err != nil {
			return "", err
		}
	} else if path.Base(file) != file || !strings.HasSuffix(file, "_test.go") {
		return "", fmt.Errorf("%q is not a name for a file of experiments: write it without a folder, such as 05_read_test.go", file)
	}
	file = lab + "/" + file
	return file, add(filepath.Join(root, filepath.FromSlash(file)), lab, test)
}

// add writes the experiment to the end of a file, and makes the file if it does not exist.
func add(name, lab, test string) error {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte("package "+lab+"\n"), nil
	}
	if err != nil {
		return err
	}
	source, err := withImports(string(text), used)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(source + "\n")
	if err := experiment.Execute(&b, struct{ Test string }{test}); err != nil {
		return err
	}
	formatted, err := format.Source([]byte(b.String()))
	if err != nil {
		return err
	}
	return os.WriteFile(name, formatted, 0o666)
}

var number = regexp.MustCompile(`^(\d+)_`)

// next is the name of a new file in a lab: 21_dial_timeout_gives_up_test.go.
func next(root, lab, test string) (string, error) {
	files, err := os.ReadDir(filepath.Join(root, lab))
	if err != nil {
		return "", err
	}
	last := 0
	for _, f := range files {
		if found := number.FindStringSubmatch(f.Name()); found != nil {
			n, _ := strconv.Atoi(found[1]) // the pattern matches only digits
			last = max(last, n)
		}
	}
	words := strings.ToLower(catalog.Experiment{Test: test}.Words())
	return fmt.Sprintf("%02d_%s_test.go", last+1, strings.ReplaceAll(words, " ", "_")), nil
}
