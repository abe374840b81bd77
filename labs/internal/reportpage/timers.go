package reportpage

import (
	"slices"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/kept"
)

// timersPlot shows timers of minutes and hours: how long they should take at least, and how long they took.
type timersPlot struct {
	Width, Height float64
	Ticks         []tick
	Kernels       []string
	Timers        []timer
}

// timer is a timer that an experiment has waited for.
type timer struct {
	ID, Name string
	Y        float64 // the place of its name
	Bottom   float64
	Nominal  mark
	Trips    []trip
}

// trip is a timer on one kernel.
type trip struct {
	Kernel int    // the kernel's number in the plot
	ID     string // the id of its picture
	Y      float64
	mark
	Excess string
}

var timersTicks = []time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour}

// Sizes in the plot of timers.
const (
	nameHeight = 26
	tripHeight = 17
)

func newTimersPlot(runs []kept.Run, experiments []experiment) *timersPlot {
	a := axis{from: time.Second, to: 3 * time.Hour, left: plotMargin, width: plotWidth - 2*plotMargin}
	p := &timersPlot{Width: plotWidth, Ticks: a.ticks(timersTicks)}
	for _, e := range experiments {
		if !e.Long {
			continue
		}
		t := timer{ID: e.Name(), Name: e.Heading(), Y: p.Height + nameHeight/2}
		t.Bottom = p.Height + nameHeight
		for i, r := range runs {
			c, ok := e.Tests[i].last()
			if !ok {
				continue
			}
			t.Nominal = mark{a.x(c.Least), story.Tenths(c.Least)}
			t.Trips = append(t.Trips, trip{
				Kernel: p.kernel(kernelName(r)),
				ID:     e.Tests[i].ID,
				Y:      t.Bottom + tripHeight/2,
				mark:   mark{a.x(c.Took), story.Tenths(c.Took)},
				Excess: story.Tenths(c.Took - c.Least),
			})
			t.Bottom += tripHeight
		}
		if len(t.Trips) > 0 {
			p.Timers = append(p.Timers, t)
			p.Height = t.Bottom + tripHeight/2
		}
	}
	if len(p.Timers) == 0 {
		return nil
	}
	p.Height += axisHeight
	return p
}

// kernel is the number of a kernel in the plot.
func (p *timersPlot) kernel(name string) int {
	number := slices.Index(p.Kernels, name)
	if number < 0 {
		number = len(p.Kernels)
		p.Kernels = append(p.Kernels, name)
	}
	return number
}

// IsFar reports whether the mark is so far to the right that its words must be on the left.
func (m mark) IsFar() bool { return m.X > plotWidth*3/4 }

// shape is the mark of a kernel.
func shape(kernel int) string {
	shapes := []string{"●", "▲", "■", "◆"}
	return shapes[kernel%len(shapes)]
}
