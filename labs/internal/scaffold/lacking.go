package scaffold

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"socketlabs/labs/internal/catalog"
)

const todo = "TODO"

// lackingIn says what incomplete experiments lack, in a line for each thing: those that "labs new" has started, and those whose
// comments break the rules.
func lackingIn(root string) (lines []string, err error) {
	experiments, broken := catalog.Load(root)
	if len(experiments) == 0 && broken != nil {
		return nil, broken
	}
	if broken != nil {
		lines = strings.Split(broken.Error(), "\n")
	}
	for _, e := range experiments {
		left, err := left(root, e)
		if err != nil {
			return nil, err
		}
		lines = append(lines, left...)
		if len(left) == 0 && e.Verdict == catalog.Yours {
			lines = append(lines, fmt.Sprintf("%s:%d: %s has no claim: write \"Claim: T3.\" and below it \"Verdict: holds.\", or "+
				"\"Claim: Beyond the chapter.\" alone", e.File, e.Line, e.Test))
		}
	}
	return append(lines, unlisted(root, experiments)...), nil
}

// left are the lines of an experiment that still say TODO.
func left(root string, e catalog.Experiment) (lines []string, err error) {
	source, err := e.Source(root)
	if err != nil {
		return nil, err
	}
	begin := e.Line - strings.Count(source[:strings.Index(source, "func "+e.Test+"(")], "\n")
	for i, line := range strings.Split(source, "\n") {
		if _, what, found := strings.Cut(line, todo+" "); found {
			lines = append(lines, fmt.Sprintf("%s:%d: %s: %s", e.File, begin+i, e.Test, what))
		}
	}
	return lines, nil
}

// unlisted says which files of experiments are missing in the reading order of their lab's doc.go.
func unlisted(root string, experiments []catalog.Experiment) (lines []string) {
	seen := make(map[string]bool)
	for _, e := range experiments {
		if seen[e.File] {
			continue
		}
		seen[e.File] = true
		doc, _ := os.ReadFile(filepath.Join(root, e.Lab, "doc.go")) // without it, all files are unlisted
		if !strings.Contains(string(doc), "//\t"+path.Base(e.File)+" ") {
			lines = append(lines, fmt.Sprintf("%s/doc.go does not list %s: add a line to its reading order", e.Lab, path.Base(e.File)))
		}
	}
	return lines
}
