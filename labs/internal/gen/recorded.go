package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socketlabs/labs/catalog"
	"socketlabs/labs/decisions"
)

// attempts are how often an experiment may tell its story before its page is out of date.
const attempts = 3

// isAsRecorded runs all experiments, and is an error with what they tell in another way than the pages, the pictures and the tables.
func (p *project) isAsRecorded(ctx context.Context) error {
	stories, drawings := make(map[string]*told), make(map[string]*told)
	var again []string // tests; all at first
	var errs []error
	for attempt := range attempts {
		if err := p.record(ctx, again...); err != nil {
			return err
		}
		ran := func(e catalog.Experiment) bool { return attempt == 0 || slices.Contains(again, e.Test) }
		var stale []string
		errs = nil
		for _, e := range p.experiments {
			if !ran(e) || len(p.run.stories[e.Name()]) == 0 {
				continue
			}
			err := compare(stories, e, essence(p.run.story(e), isDrawn(e)), essence(p.storyOnPage(e), isDrawn(e)))
			if isDrawn(e) {
				err = errors.Join(err, compare(drawings, e, eachWord(p.run.drawing(e)), eachWord(p.old(pictureOf(e)))))
			}
			if err != nil {
				stale, errs = append(stale, e.Test), append(errs, err)
			}
		}
		files, err := p.written(ctx)
		if err == nil {
			err = p.isCurrent(files) // the table of decisions is in them
		}
		if err != nil {
			stale, errs = append(stale, decisions.Test), append(errs, err)
		}
		if len(stale) == 0 {
			return nil
		}
		again = stale
	}
	return errors.Join(errs...)
}

// compare adds what an experiment has told, in lines, and compares all of it with what is written.
func compare(all map[string]*told, e catalog.Experiment, fresh, written []string) error {
	if all[e.Name()] == nil {
		all[e.Name()] = new(told)
	}
	all[e.Name()].add(fresh)
	if differs := all[e.Name()].differs(written); len(differs) > 0 {
		return fmt.Errorf("%s: what it tells is not what the page has or its picture; run \"make generate\" (-want +got):\n%s",
			e.Name(), strings.Join(differs, "\n"))
	}
	return nil
}

// storyOnPage is the story of an experiment that its page has.
func (p *project) storyOnPage(e catalog.Experiment) string {
	page, _, _ := strings.Cut(e.Page(), "#")
	for _, found := range marks.FindAllStringSubmatch(p.old(docs+"/"+page), -1) {
		if found[1] == storyOf+e.Name() {
			return found[2]
		}
	}
	return ""
}
