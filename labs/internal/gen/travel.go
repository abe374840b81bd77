package main

import (
	"context"
	"os"
	"slices"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/kept"
)

// trip is a run of the time machine, on every kernel.
type trip struct {
	table   string                    // as Markdown
	stories map[string][]story.Record // of the long experiments, by their names
}

// travel runs the time machine once, and then returns the same trip.
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
	for _, test := range runs[len(runs)-1].Tests { // the newest kernel: older ones show the same, or less
		if name := experimentOf(test.Lab + "/" + test.Test); test.Story != nil {
			p.trip.stories[name] = append(p.trip.stories[name], *test.Story)
		}
	}
	return p.trip, nil
}

// failuresIn are the failures in the stories, each once, sorted.
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
