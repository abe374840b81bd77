package picture

import (
	"math"
	"slices"
	"sort"
	"time"
)

// scale is how the picture shows time. A gap between moments is to scale if that leaves room for the rows. If
// several things happen at once, it is stretched; if nothing happens for long, it is cut.
type scale struct {
	perSecond float64 // units per second; zero if nothing takes long enough to be drawn to scale
	longest   time.Duration
	spans     []span
}

// span is the time between two rows.
type span struct {
	from, to time.Duration
	top, end float64
	kind     spanKind
}

type spanKind int

const (
	stretched spanKind = iota
	toScale
	cut
)

const (
	instant    = 50 * time.Millisecond // shorter gaps are inside a burst
	outOfScale = 10                    // a gap is cut if it is so many times longer than all others
	alike      = 4                     // and if there are so many others of similar length
	tallest    = 150.0                 // most units of a gap
	enough     = 480.0                 // most units of all gaps together
	fastest    = 600.0                 // most units for a second
	apart      = 3.0                   // units between rows
	tear       = 30.0                  // units of a place where time is cut
)

// place places each row below the one before, the first one at top, and returns the scale.
func place(rows []*row, top float64) scale {
	s := newScale(rows)
	for i, r := range rows {
		if i == 0 {
			r.y = top + r.above
			continue
		}
		before := rows[i-1]
		gap := r.At - before.At
		least := before.below + r.above + apart
		distance, kind := least, stretched
		switch scaled := gap.Seconds() * s.perSecond; {
		case gap > s.longest:
			distance, kind = least+tear, cut
		case scaled >= least:
			distance, kind = scaled, toScale
		}
		r.y = before.y + distance
		s.spans = append(s.spans, span{before.At, r.At, before.y, r.y, kind})
	}
	return s
}

func newScale(rows []*row) scale {
	var gaps []time.Duration
	for i := 1; i < len(rows); i++ {
		if gap := rows[i].At - rows[i-1].At; gap >= instant {
			gaps = append(gaps, gap)
		}
	}
	if len(gaps) == 0 {
		return scale{longest: math.MaxInt64}
	}
	slices.Sort(gaps)
	gaps = gaps[:len(gaps)-exceptional(gaps)]
	longest := gaps[len(gaps)-1]
	var sum time.Duration
	for _, gap := range gaps {
		sum += gap
	}
	return scale{perSecond: min(tallest/longest.Seconds(), enough/sum.Seconds(), fastest), longest: longest}
}

// exceptional counts the gaps at the end of the list that are out of proportion to all others. The others must
// be several of similar length: if there are few, a long wait is what the picture is about.
func exceptional(sorted []time.Duration) int {
	for n := 1; n+alike <= len(sorted); n++ {
		cutOff, rest := sorted[len(sorted)-n], sorted[:len(sorted)-n]
		if cutOff > outOfScale*rest[len(rest)-1] && rest[len(rest)-1] < outOfScale*rest[len(rest)-alike] {
			return n
		}
	}
	return 0
}

// at is the y of a moment.
func (s scale) at(moment time.Duration, top float64) float64 {
	if len(s.spans) == 0 {
		return top
	}
	i := sort.Search(len(s.spans), func(i int) bool { return s.spans[i].to > moment })
	switch sp := s.spans[min(i, len(s.spans)-1)]; {
	case i == len(s.spans):
		return sp.end
	case moment <= sp.from:
		return sp.top
	default:
		share := float64(moment-sp.from) / float64(sp.to-sp.from)
		return sp.top + share*(sp.end-sp.top)
	}
}

// tick is the time between two marks: 1, 2 or 5 units of time, such that readers can distinguish the marks. It is zero if
// there is no such time.
func (s scale) tick() time.Duration {
	const room = 12.0
	for _, step := range steps {
		if step.Seconds()*s.perSecond >= room {
			return step
		}
	}
	return 0
}

var steps = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
}
