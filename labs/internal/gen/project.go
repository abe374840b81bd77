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

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/suites"
)

// docs is the folder of the pages, and pictures is the folder in it for their pictures.
const (
	docs     = "labs/docs"
	pictures = "pictures"

	sums = "labs/internal/catalog/exercises.sum"
)

// project is what the generated files are made from.
type project struct {
	root        string
	experiments []catalog.Experiment // without a reader's own tests
	claims      []catalog.Claim
	run         *run             // nil if nothing was run: then the records stay as they are
	stale       map[string]error // by experiment, how its pages are out of date
	trip        *trip            // nil until the time machine has run
	own         string           // folder with this machine's own runs of the long experiments; empty if there are none
	figures     bool             // run the benchmarks and the time machine; otherwise their figures stay as they are
}

// file is a file that is generated, in whole or in part.
type file struct {
	path string // relative to the module, with slashes
	text string // empty if the file should not be there
}

func load(root string) (*project, error) {
	p := &project{root: root}
	return p, p.reload()
}

// reload reads the experiments from the source, and their record.
func (p *project) reload() error {
	all, err := catalog.Load(p.root)
	if err != nil {
		return err
	}
	p.experiments = slices.DeleteFunc(all, func(e catalog.Experiment) bool { return e.Verdict == catalog.Yours })
	p.claims, err = catalog.Claims(p.experiments)
	return err
}

// files are all generated files, with the text that they should have.
func (p *project) files(ctx context.Context) ([]file, error) {
	var files []file
	var errs []error
	add := func(made []file, err error) {
		files, errs = append(files, made...), append(errs, err)
	}
	add(p.written(ctx))
	add(nil, p.hasTraveled(files))
	for _, lab := range catalog.Labs(p.root, p.experiments) {
		add(p.elsewhere(lab.Name))
		add(p.labPages(ctx, lab))
	}
	add(p.suitePages())
	add(p.drawn())
	add(p.quizzes())
	add(p.record(ctx))
	add(p.sumsOfGraders())
	add(p.starters())
	add(p.leftOver(files))
	return files, errors.Join(errs...)
}

// written are the pages that are written by hand, with their generated parts.
func (p *project) written(ctx context.Context) (files []file, err error) {
	names, err := fs.Glob(os.DirFS(p.root), docs+"/*.md")
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, name := range append(names, "README.md") {
		if isLabPage(name) {
			continue
		}
		text := p.old(name)
		text, err := p.filled(ctx, text, text)
		if err == nil && p.figures {
			text, err = p.outputs(ctx, text)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		files = append(files, file{name, text})
	}
	return files, errors.Join(errs...)
}

// suitePages are the pages about other projects' test suites.
func (p *project) suitePages() (pages []file, err error) {
	all, err := suites.Load(p.experiments)
	for _, s := range all {
		pages = append(pages, file{path.Join(docs, suites.Folder, s.File+".md"), s.Page(p.experiments)})
	}
	return pages, err
}

// sumsOfGraders are the checksums that package catalog compares the graders with.
func (p *project) sumsOfGraders() ([]file, error) {
	text, err := catalog.Sums(p.root)
	return []file{{sums, text}}, err
}

// starters are the exercises before anybody has begun them. If one of a lab is begun here, the lab keeps its old starter.
func (p *project) starters() (files []file, err error) {
	exercises, err := catalog.Exercises(p.root)
	if err != nil {
		return nil, err
	}
	begun := make(map[string]bool) // by lab
	for _, e := range exercises {
		begun[e.Lab] = begun[e.Lab] || e.Begun
	}
	for lab := range begun {
		name := path.Dir(sums) + "/starters/" + lab + ".txt"
		text := p.old(lab + "/exercise/exercise.go")
		if begun[lab] {
			text = p.old(name)
		}
		files = append(files, file{name, text})
	}
	return files, nil
}

// leftOver are generated files of experiments that no longer exist.
func (p *project) leftOver(files []file) (old []file, err error) {
	for _, pattern := range []string{"lab[0-9]*/*.md", suites.Folder + "/*.md", pictures + "/*.svg"} {
		found, err := fs.Glob(os.DirFS(p.root), docs+"/"+pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			if !slices.ContainsFunc(files, func(f file) bool { return f.path == name }) {
				old = append(old, file{path: name})
			}
		}
	}
	return old, nil
}

// old is the current text of a file; empty if there is no such file.
func (p *project) old(name string) string {
	text, _ := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(name)))
	return string(text)
}
