package picture

import (
	"strings"
	"time"

	"socketlabs/harness/timeline"
)

// wait is a call that waits, from when it began until it returned.
type wait struct {
	lane     timeline.Lane
	from, to *row
	returned bool
	level    int // of those of a side that wait at a time
}

const (
	endOfBegin   = " …"
	stillWaiting = ": still waiting"
)

// waitsIn finds the calls that wait, and which row tells of their end.
func waitsIn(rows []*row) []*wait {
	var waits []*wait
	open := make(map[string]*wait) // by lane and call
	for _, r := range rows {
		switch r.Kind {
		case timeline.Begin:
			w := &wait{lane: r.lane, from: r, to: rows[len(rows)-1]}
			w.level = level(open, r.lane)
			open[string(r.lane)+strings.TrimSuffix(r.Text, endOfBegin)] = w
			waits = append(waits, w)
		case timeline.Outcome:
			for key, w := range open {
				if strings.HasPrefix(string(r.lane)+r.Text, key+":") && !strings.HasSuffix(r.Text, stillWaiting) {
					w.to, w.returned = r, true
					delete(open, key)
				}
			}
		}
	}
	return waits
}

// level is the lowest that no other call of the side has.
func level(open map[string]*wait, lane timeline.Lane) int {
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
		if c, ok := r.Comparison(); ok {
			from := max(0, r.At-c.Took.Round(time.Millisecond))
			brackets = append(brackets, bracket{s.at(from, rows[0].y), r.y})
		}
	}
	return brackets
}
