package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/find"
	"socketlabs/labs/internal/suites"
	"socketlabs/labs/internal/try"
)

// part is the text of a part of a page. It is the text before if the part was not run now.
func (p *project) part(ctx context.Context, name, before string) (string, error) {
	switch name {
	case "claims":
		return catalog.Markdown(p.claims, p.experiments), nil
	case "decisions":
		if p.run != nil {
			return p.renewed(before, p.run.table.Markdown()), nil
		}
		return before, nil
	case "decisions in marks":
		if p.run != nil {
			return p.run.table.InMarks(), nil
		}
		return before, nil
	case "symptoms":
		return find.SymptomsMarkdown(p.experiments), nil
	case "suites":
		all, err := suites.Load(p.experiments)
		return suites.Index(all), err
	case "profiles":
		return try.ProfilesMarkdown(), nil
	case "skipped":
		return p.skippedTable()
	case "skipped in the page":
		return p.skippedInPage()
	case "timemachine":
		return p.timemachine(ctx, before)
	}
	// All other parts show an experiment.
	experiment, isStory := strings.CutPrefix(name, storyOf)
	i := slices.IndexFunc(p.experiments, func(e catalog.Experiment) bool { return e.Name() == experiment })
	if i < 0 {
		return "", errors.New("there is no such part, and no experiment of this name")
	}
	switch {
	case !isStory:
		return p.code(p.experiments[i])
	case p.tellsAnew(p.experiments[i]):
		return p.run.story(p.experiments[i]), nil
	default:
		return before, nil
	}
}

// renewed is the text before if only figures differ, unless figures are asked for. So a commit has no lines that differ by
// chance.
func (p *project) renewed(before, fresh string) string {
	if !p.figures && withoutFigures(before) == withoutFigures(fresh) {
		return before
	}
	return fresh
}

// code is the source of an experiment.
func (p *project) code(e catalog.Experiment) (string, error) {
	source, err := e.Source(p.root)
	return "```go\n" + source + "```\n", err
}

// timemachine is what the time machine prints. That takes half a minute, so gen runs it only if figures are asked for.
func (p *project) timemachine(ctx context.Context, before string) (string, error) {
	if !p.figures {
		return before, nil
	}
	trip, err := p.travel(ctx)
	if err != nil {
		return "", err
	}
	return trip.table, nil
}

// hasTraveled fails if the rows of the time machine's table are not the experiments that the time machine runs.
func (p *project) hasTraveled(written []file) error {
	var want, got []string
	for _, e := range p.experiments {
		if e.Long {
			want = append(want, e.Page())
		}
	}
	for _, page := range written {
		for _, part := range marks.FindAllStringSubmatch(page.text, -1) {
			if part[1] == "timemachine" {
				got = append(got, linksIn(part[2])...)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the table of the time machine is out of date; run \"make figures\" (-want +got):\n%s", diff)
	}
	return nil
}

func linksIn(table string) (links []string) {
	for _, link := range regexp.MustCompile(`\]\((.*?)\)`).FindAllStringSubmatch(table, -1) {
		links = append(links, link[1])
	}
	return links
}
