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

// docs is the folder of the pages, and pictures that of their pictures in it.
const (
	docs     = "labs/docs"
	pictures = "pictures"

	sums = "labs/internal/catalog/exercises.sum"
)

// project is what everything is made from.
type project struct {
	root        string
	experiments []catalog.Experiment // the project's own: in a reader's copy there may be others
	claims      []catalog.Claim
	run         *run             // nil if nothing was run: what was recorded stays as it is
	stale       map[string]error // why experiments, by name, are not as their pages say
	trip        *trip            // nil before it is made
	own         string           // where this machine's own timers are kept; empty if nobody waited for them
	figures     bool             // benchmarks and the time machine run; otherwise what they have measured stays as it is
}

// file is one that is generated, in whole or in part.
type file struct {
	path string // relative to the module, with slashes
	text string // empty if the file should not be there
}

func load(root string) (*project, error) {
	p := &project{root: root}
	return p, p.reload()
}

// reload reads what the source says of the experiments, and what was recorded of them.
func (p *project) reload() error {
	all, err := catalog.Load(p.root)
	if err != nil {
		return err
	}
	p.experiments = slices.DeleteFunc(all, func(e catalog.Experiment) bool { return e.Verdict == catalog.Yours })
	p.claims, err = catalog.Claims(p.experiments)
	return err
}

// files are all that are generated, as they should be.
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

// written are the pages that are written by hand and have generated parts.
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

// suitePages are those on other projects' test suites.
func (p *project) suitePages() (pages []file, err error) {
	all, err := suites.Load(p.experiments)
	for _, s := range all {
		pages = append(pages, file{path.Join(docs, suites.Folder, s.File+".md"), s.Page(p.experiments)})
	}
	return pages, err
}

// sumsOfGraders are those that package catalog compares the graders with.
func (p *project) sumsOfGraders() ([]file, error) {
	text, err := catalog.Sums(p.root)
	return []file{{sums, text}}, err
}

// starters are the exercises before anybody has begun. Those that somebody has begun here are kept.
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

// leftOver are files beside the generated ones that no experiment is the reason for any more.
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

// old is the file as it is, and empty if it is not there.
func (p *project) old(name string) string {
	text, _ := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(name)))
	return string(text)
}
