package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// found is the record of an experiment: what this run has found, or otherwise the earlier record. It keeps a known time,
// unless figures are asked for.
func (p *project) found(ctx context.Context, e catalog.Experiment) (catalog.Recorded, error) {
	r := catalog.Recorded{Seconds: e.Seconds, Needs: e.Needs, Failures: e.Failures}
	if p.run == nil || !p.run.has(e) {
		return r, nil
	}
	r.Needs = append([]string{}, p.run.needs[e.Name()]...)
	if !r.IsLong() {
		r.Failures = failuresIn(p.run.stories[e.Name()])
		if took := math.Round(p.run.seconds[e.Name()]*10) / 10; r.Seconds == nil || p.figures {
			r.Seconds = &took
		}
		return r, nil
	}
	if p.figures {
		trip, err := p.travel(ctx)
		if err != nil {
			return r, err
		}
		r.Failures = failuresIn(trip.stories[e.Name()])
	}
	return r, nil
}

// record is the file that package catalog reads, with a line for each experiment.
func (p *project) record(ctx context.Context) ([]file, error) {
	var lines []string
	for _, e := range p.experiments {
		found, err := p.found(ctx, e)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(found)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("  %q: %s", e.Name(), value))
	}
	slices.Sort(lines)
	return []file{{catalog.RecordFile, "{\n" + strings.Join(lines, ",\n") + "\n}\n"}}, nil
}
