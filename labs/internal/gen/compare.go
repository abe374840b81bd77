package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// isCurrent is an error that says how files are not as they should be. What was recorded, or printed by a command, is compared
// without figures: times and ports differ from run to run.
func (p *project) isCurrent(files []file) error {
	differ := difference
	if p.run == nil && p.commands == nil {
		differ = func(_, want, got string) string { return cmp.Diff(want, got) }
	}
	var errs []error
	for _, f := range files {
		if diff := differ(f.path, f.text, p.old(f.path)); diff != "" {
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

// difference says how a file differs from what it should be, but for figures.
func difference(name, want, got string) string {
	if want == got {
		return ""
	}
	if strings.HasSuffix(name, ".svg") {
		return cmp.Diff(words(want), words(got))
	}
	return cmp.Diff(withoutFigures(want), withoutFigures(got))
}

// words are those of a picture, without its times.
func words(picture string) (words []string) {
	for _, found := range regexp.MustCompile(`<text class="([a-z ]*)"[^>]*>(.*?)</text>`).FindAllStringSubmatch(picture, -1) {
		if class, text := found[1], found[2]; !strings.Contains(class, "time") {
			words = append(words, class+": "+withoutFigures(text))
		}
	}
	return words
}

// withoutFigures makes two runs comparable: times and ports differ, and so does the space for them.
func withoutFigures(text string) string {
	text = regexp.MustCompile(`\d+(\.\d+)?`).ReplaceAllString(text, "0")
	return regexp.MustCompile(` +`).ReplaceAllString(text, " ")
}
