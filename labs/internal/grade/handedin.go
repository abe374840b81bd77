package grade

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
)

// notTaken says why a student's file is not graded.
type notTaken struct {
	result string // a result of package report
	why    string
}

func (e *notTaken) Error() string { return e.why }

// handedIn reads a student's file. It follows no links, neither the file itself nor a folder on the way to it: a link could
// lead to another student's work, or to the model solution.
func handedIn(student, file string) ([]byte, error) {
	root, err := os.OpenRoot(student)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	is, err := lstatAll(root, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &notTaken{report.NotBegun, "there is no " + file}
	case err != nil:
		return nil, err
	case !is.Mode().IsRegular():
		return nil, &notTaken{report.NotBegun, "there is no " + file + " of its own: links and special files are not read"}
	}
	opened, err := root.Open(filepath.FromSlash(file))
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, catalog.MostSource+1))
	if err != nil {
		return nil, err
	}
	if len(text) > catalog.MostSource {
		return nil, &notTaken{report.Failed, fmt.Sprintf("the file is larger than %d MiB", catalog.MostSource>>20)}
	}
	if err := cmp.Or(catalog.CheckText(path.Base(file), text), checkDirectives(path.Base(file), text)); err != nil {
		return nil, &notTaken{report.Failed, err.Error()}
	}
	return text, nil
}

// hiding matches directives with which code hides its data races: from the detector's instructions, from the build with the
// detector, which has the tags race and cgo, and as the code of another file. A build tag may come after spaces.
var hiding = regexp.MustCompile(
	`(?m)^//go:norace\b|^.*//go:build.*\b(?:race|cgo)\b|^//line .*:\d+\r?$|/\*line (?:[^*]|\*+[^*/])*:\d+\*/`)

// checkDirectives fails if a student's file has one of these directives.
func checkDirectives(file string, text []byte) error {
	at := hiding.FindIndex(text)
	if at == nil {
		return nil
	}
	return fmt.Errorf("%s:%d: this directive hides data races; leave it out: %s", file, 1+bytes.Count(text[:at[0]], []byte("\n")), text[at[0]:at[1]])
}

// lstatAll returns the first component of the path of a file below root that is not a folder: the file itself, unless a link
// or something else is in its way.
func lstatAll(root *os.Root, file string) (is fs.FileInfo, err error) {
	for i := range len(file) + 1 {
		if i < len(file) && file[i] != '/' {
			continue
		}
		is, err = root.Lstat(filepath.FromSlash(file[:i]))
		if err != nil || !is.IsDir() {
			return is, err
		}
	}
	return is, nil
}
