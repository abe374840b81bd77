package picture

import (
	"slices"

	"socketlabs/harness/story"
)

// wait is a call that waits, from when it began until it returned.
type wait struct {
	lane     story.Lane
	from, to *row
	returned bool
	level    int // place beside the other waiting calls of its side: the first free one, or else the last
}

// waitsIn finds the calls that wait, and the rows of their ends.
func waitsIn(rows []*row) []*wait {
	type call struct {
		lane story.Lane
		what string
	}
	var waits []*wait
	open := make(map[call]*wait)
	taken := make(map[story.Lane]*[barsBeside]int) // how many calls wait at each level
	end := func(c call) {
		if w := open[c]; w != nil {
			taken[w.lane][w.level]--
			delete(open, c)
		}
	}
	for _, r := range rows {
		switch c := (call{r.lane, r.Call}); r.Kind {
		case story.Began:
			end(c)
			w := &wait{lane: r.lane, from: r, to: rows[len(rows)-1]}
			if taken[w.lane] == nil {
				taken[w.lane] = new([barsBeside]int)
			}
			w.level = slices.Index(taken[w.lane][:], 0)
			if w.level < 0 {
				w.level = barsBeside - 1
			}
			taken[w.lane][w.level]++
			open[c] = w
			waits = append(waits, w)
		case story.Returned:
			if w := open[c]; w != nil {
				w.to, w.returned = r, true
				end(c)
			}
		}
	}
	return waits
}

// bracket is a time that an experiment has compared with a bound.
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
