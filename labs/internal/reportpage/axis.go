package reportpage

import (
	"math"
	"time"

	"socketlabs/harness/story"
)

// axis is a logarithmic axis of times.
type axis struct {
	from, to    time.Duration
	left, width float64 // where it is in the plot
}

// x is the place of a time. A time beyond an end of the axis is at that end.
func (a axis) x(d time.Duration) float64 {
	d = min(max(d, a.from), a.to)
	return a.left + a.width*math.Log(float64(d)/float64(a.from))/math.Log(float64(a.to)/float64(a.from))
}

// tick is a line across the plot, and its time.
type tick struct {
	X    float64
	Time string
}

// ticks are the ticks for those of the times that are on the axis.
func (a axis) ticks(among []time.Duration) (ticks []tick) {
	for _, d := range among {
		if a.from <= d && d <= a.to {
			ticks = append(ticks, tick{a.x(d), story.Exactly(d)})
		}
	}
	return ticks
}
