package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/google/go-cmp/cmp"
)

// isCurrent is an error that says how files are not as they should be. What was recorded is compared without figures: times differ
// from run to run.
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

// write makes the files what they should be, and prints which it has changed.
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

// withoutFigures makes two runs comparable: times and ports differ, and so does the space for them.
func withoutFigures(text string) string {
	return spaces.ReplaceAllString(figure.ReplaceAllString(text, "0"), " ")
}
