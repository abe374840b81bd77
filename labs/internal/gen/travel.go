package main

import (
	"context"
	"os"
	"slices"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/kept"
)

// trip is one of the time machine, with every kernel.
type trip struct {
	table   string                    // as Markdown
	stories map[string][]story.Record // of the experiments that take minutes, by their names
}

// travel runs the time machine, the first time that it is asked to.
func (p *project) travel(ctx context.Context) (*trip, error) {
	if p.trip != nil {
		return p.trip, nil
	}
	folder, err := os.MkdirTemp("", "gen-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	command := "go run ./labs timemachine --markdown --keep " + folder
	if p.own != "" {
		command += " --own " + p.own
	}
	table, err := p.printed(ctx, command)
	if err != nil {
		return nil, err
	}
	runs, err := kept.Read(folder)
	if err != nil {
		return nil, err
	}
	p.trip = &trip{table, make(map[string][]story.Record)}
	for _, test := range runs[len(runs)-1].Tests { // on older kernels they do the same, as far as those can
		if name := experimentOf(test.Lab + "/" + test.Test); test.Story != nil {
			p.trip.stories[name] = append(p.trip.stories[name], *test.Story)
		}
	}
	return p.trip, nil
}

// failuresIn are those that the stories tell of, each once, in the order of their names.
func failuresIn(stories []story.Record) []string {
	names := []string{}
	for _, told := range stories {
		for _, failure := range story.Failures(told.Events) {
			names = append(names, string(failure))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
