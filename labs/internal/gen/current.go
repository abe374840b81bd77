package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/google/go-cmp/cmp"
)

// isCurrent fails if a file is out of date, and its error shows the difference. After a run, it compares without figures,
// because times differ from run to run.
func (p *project) isCurrent(files []file) error {
	var errs []error
	for _, f := range files {
		want, got := f.text, p.old(f.path)
		if p.run != nil {
			want, got = withoutFigures(want), withoutFigures(got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			errs = append(errs, fmt.Errorf("%s is out of date; run \"make generate\" (-want +got):\n%s", f.path, diff))
		}
	}
	return errors.Join(errs...)
}

// write brings the files up to date, and prints the names of those that it changes.
func (p *project) write(files []file) error {
	for _, f := range files {
		if f.text == p.old(f.path) {
			continue
		}
		fmt.Println(f.path)
		name := filepath.Join(p.root, filepath.FromSlash(f.path))
		if f.text == "" {
			if err := os.Remove(name); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(f.text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

var pictureText = regexp.MustCompile(`<text class="([a-z ]*)"[^>]*>(.*?)</text>`)

var (
	figure = regexp.MustCompile(`\d+(\.\d+)?(e[-+]\d+)?`)
	spaces = regexp.MustCompile(` +`)
)

// withoutFigures makes two runs comparable. Times and ports differ between runs, and so does the space that they take.
func withoutFigures(text string) string {
	return spaces.ReplaceAllString(figure.ReplaceAllString(text, "0"), " ")
}
