package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/decisions"
)

// attempts is how often an experiment runs before its page counts as out of date: some stories end in one of two ways, by
// chance.
const attempts = 5

// listen runs all experiments, and notes which of them tell another story than their pages, their pictures and the tables.
// It runs these again, because a single run may be an odd one.
func (p *project) listen(ctx context.Context) error {
	stories, drawings := make(map[string]*told), make(map[string]*told)
	shortest := make(map[string][]story.Record)
	p.stale = make(map[string]error)
	var again []string // tests; none means all
	for attempt := range attempts {
		if err := p.runAll(ctx, again...); err != nil {
			return err
		}
		for _, e := range p.experiments {
			ran := attempt == 0 || slices.Contains(again, e.Test)
			if !ran || !p.run.has(e) {
				continue
			}
			if best := shortest[e.Name()]; best == nil || events(p.run.stories[e.Name()]) < events(best) {
				shortest[e.Name()] = p.run.stories[e.Name()]
			}
			delete(p.stale, e.Name())
			if err := errors.Join(p.isRecorded(ctx, e), p.compare(e, stories, drawings)); err != nil {
				p.stale[e.Name()] = err
			}
		}
		files, err := p.written(ctx)
		if err != nil {
			return err
		}
		delete(p.stale, decisions.Lab+"/"+decisions.Test)
		if err := p.isCurrent(files); err != nil { // usually in the decision table
			p.stale[decisions.Lab+"/"+decisions.Test] = err
		}
		if len(p.stale) == 0 {
			break
		}
		again = nil
		for name := range p.stale {
			_, test, _ := strings.Cut(name, "/")
			again = append(again, test)
		}
	}
	p.run.stories = shortest // pages show the shortest: it has the fewest segments that were sent again because the machine was busy
	return nil
}

// events is how many events a story has.
func events(parts []story.Record) (n int) {
	for _, part := range parts {
		n += len(part.Events)
	}
	return n
}

// isAsTold fails if a page is out of date, and its error says how.
func (p *project) isAsTold() error {
	return errors.Join(slices.Collect(maps.Values(p.stale))...)
}

// isRecorded fails if an experiment's needs or failures are not those of its record.
func (p *project) isRecorded(ctx context.Context, e catalog.Experiment) error {
	seen, err := p.found(ctx, e)
	diff := cmp.Diff([][]string{e.Needs, e.Failures}, [][]string{seen.Needs, seen.Failures})
	if err != nil || diff == "" {
		return err
	}
	return fmt.Errorf("%s needs something else than was recorded, or makes something else fail; run \"make generate\" (-recorded +seen):\n%s",
		e.Name(), diff)
}

// compare adds an experiment's new story to its earlier ones, and compares all of them with its page and its picture.
func (p *project) compare(e catalog.Experiment, stories, drawings map[string]*told) error {
	if e.Long || len(p.run.stories[e.Name()]) == 0 {
		return nil
	}
	differs := add(stories, e, essence(p.run.story(e), isDrawn(e))).differs(essence(p.storyOnPage(e), isDrawn(e)))
	if isDrawn(e) {
		differs = append(differs, add(drawings, e, eachWord(p.run.drawing(e))).differs(eachWord(p.old(pictureOf(e))))...)
	}
	if len(differs) == 0 {
		return nil
	}
	return fmt.Errorf("%s does not tell what its page and its picture say; run \"make generate\" (-want +got):\n%s",
		e.Name(), strings.Join(differs, "\n"))
}

func add(all map[string]*told, e catalog.Experiment, lines []string) *told {
	if all[e.Name()] == nil {
		all[e.Name()] = new(told)
	}
	all[e.Name()].add(lines)
	return all[e.Name()]
}

// tellsAnew reports whether an experiment's page and picture get a new story: because they are out of date, or because
// figures are asked for.
func (p *project) tellsAnew(e catalog.Experiment) bool {
	return p.stale[e.Name()] != nil || p.figures && !e.Long && len(p.run.stories[e.Name()]) > 0
}

// storyOnPage is the story on an experiment's page.
func (p *project) storyOnPage(e catalog.Experiment) string {
	page, _, _ := strings.Cut(e.Page(), "#")
	for _, found := range marks.FindAllStringSubmatch(p.old(docs+"/"+page), -1) {
		if found[1] == storyOf+e.Name() {
			return found[2]
		}
	}
	return ""
}
