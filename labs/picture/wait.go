package picture

import (
	"maps"
	"slices"

	"socketlabs/harness/story"
)

// wait is a call that waits, from when it began until it returned.
type wait struct {
	lane     story.Lane
	from, to *row
	returned bool
	level    int // of those of a side that wait at a time
}

// waitsIn finds the calls that wait, and which row tells of their end.
func waitsIn(rows []*row) []*wait {
	type call struct {
		lane story.Lane
		what string
	}
	var waits []*wait
	open := make(map[call]*wait)
	for _, r := range rows {
		switch c := (call{r.lane, r.Call}); r.Kind {
		case story.Began:
			w := &wait{lane: r.lane, from: r, to: rows[len(rows)-1]}
			w.level = level(slices.Collect(maps.Values(open)), r.lane)
			open[c] = w
			waits = append(waits, w)
		case story.Returned:
			if w := open[c]; w != nil {
				w.to, w.returned = r, true
				delete(open, c)
			}
		}
	}
	return waits
}

// level is the lowest that no other call of the side has.
func level(open []*wait, lane story.Lane) int {
	for level := 0; ; level++ {
		taken := false
		for _, w := range open {
			taken = taken || w.lane == lane && w.level == level
		}
		if !taken {
			return level
		}
	}
}

// bracket is a span of time that an experiment has compared.
type bracket struct{ top, end float64 }

func bracketsIn(rows []*row, s scale) []bracket {
	var brackets []bracket
	for _, r := range rows {
		if r.Span != nil {
			from := max(0, r.At-r.Span.Took)
			brackets = append(brackets, bracket{s.at(from, rows[0].y), r.y})
		}
	}
	return brackets
}
