package report

import (
	"time"

	"socketlabs/labs/kept"
)

// timersPlot shows timers of minutes and hours: what they should take at least, and what they took.
type timersPlot struct {
	Width, Height int
	Ticks         []tick
	Kernels       []string
	Timers        []timer
}

// timer is one that an experiment has waited for.
type timer struct {
	ID, Name string
	Y        float64
	Nominal  mark
	Measured []measured
}

// measured is what a kernel has made of a timer.
type measured struct {
	Kernel int // its number
	ID     string
	mark
	Excess string
}

var timersTicks = []time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour}

const timerHeight = 56 // with its name

func newTimersPlot(runs []kept.Run, experiments []experiment) *timersPlot {
	a := axis{from: time.Second, to: 3 * time.Hour, left: plotMargin, width: plotWidth - 2*plotMargin}
	p := &timersPlot{Width: plotWidth, Ticks: a.ticks(timersTicks)}
	kernels := make(map[int]int) // numbers of those that measured a timer, by the numbers of runs
	for _, e := range experiments {
		if !e.Long {
			continue
		}
		t := timer{ID: e.Name(), Name: e.Heading(), Y: float64(len(p.Timers))*timerHeight + 40}
		for i, r := range runs {
			if e.Tests[i] == nil || len(e.Tests[i].Compared) == 0 {
				continue
			}
			c := e.Tests[i].Compared[len(e.Tests[i].Compared)-1]
			if _, known := kernels[i]; !known {
				kernels[i] = len(p.Kernels)
				p.Kernels = append(p.Kernels, kernelName(r))
			}
			t.Nominal = mark{a.x(c.Least), c.Least.Round(time.Second / 10).String()}
			t.Measured = append(t.Measured, measured{
				Kernel: kernels[i],
				ID:     e.Tests[i].ID,
				mark:   mark{a.x(c.Took), c.Took.Round(time.Second / 10).String()},
				Excess: (c.Took - c.Least).Round(time.Second / 100).String(),
			})
		}
		if len(t.Measured) > 0 {
			p.Timers = append(p.Timers, t)
		}
	}
	if len(p.Timers) == 0 {
		return nil
	}
	p.Height = len(p.Timers)*timerHeight + axisHeight
	return p
}

// shape is the mark of a kernel.
func shape(kernel int) string {
	shapes := []string{"●", "▲", "■", "◆"}
	return shapes[kernel%len(shapes)]
}
