package reportpage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/kept"
)

// latenessPlot shows how late timers fired. Each benchmark is a strip, with a dot for each of its timers.
type latenessPlot struct {
	Width, Height float64
	Ticks         []tick
	Strips        []strip
}

// strip is one benchmark.
type strip struct {
	Name        string
	Y           float64 // the middle of the strip
	Dots        string  // an SVG path
	Median, P99 mark
	N           int
	Least, Most string
}

// mark is a figure, and its place.
type mark struct {
	X    float64
	Text string
}

// Sizes in the plots.
const (
	plotWidth   = 720
	plotMargin  = 24
	stripHeight = 54 // with its name
	dotsHeight  = 20
	axisHeight  = 36
)

var latenessTicks = []time.Duration{time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond,
	time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 10 * time.Second, 100 * time.Second}

func newLatenessPlot(runs []kept.Run) *latenessPlot {
	var all []kept.Lateness
	for _, r := range runs {
		for _, l := range r.Lateness {
			if len(l.Late) > 0 {
				all = append(all, l)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	least, most := all[0].Late[0], all[0].Late[0]
	for _, l := range all {
		least, most = min(least, slices.Min(l.Late)), max(most, slices.Max(l.Late))
	}
	a := axis{from: latenessTicks[0], to: latenessTicks[len(latenessTicks)-1], left: plotMargin, width: plotWidth - 2*plotMargin}
	for i, d := range latenessTicks {
		if d <= least {
			a.from = d
		}
		if d >= most {
			a.to = latenessTicks[max(i, 1)]
			break
		}
	}

	p := &latenessPlot{Width: plotWidth, Height: float64(len(all)*stripHeight + axisHeight), Ticks: a.ticks(latenessTicks)}
	for i, l := range all {
		p.Strips = append(p.Strips, newStrip(l, a, float64(i*stripHeight)+stripHeight-dotsHeight/2))
	}
	return p
}

func newStrip(l kept.Lateness, a axis, middle float64) strip {
	var dots strings.Builder
	for i, d := range l.Late {
		// From top to bottom in the order of measurement, so that dots don't hide each other.
		y := middle + dotsHeight*(float64(i)/float64(len(l.Late))-0.5)
		fmt.Fprintf(&dots, "M%s %sh0", number(a.x(d)), number(y))
	}
	sorted := slices.Sorted(slices.Values(l.Late))
	at := func(percentile int) mark {
		nearestRank := (len(sorted)*percentile + 99) / 100
		d := sorted[nearestRank-1]
		return mark{a.x(d), story.Digits(d, 3)}
	}
	return strip{
		Name:   timerName(l),
		Y:      middle,
		Dots:   dots.String(),
		Median: at(50),
		P99:    at(99),
		N:      len(sorted),
		Least:  story.Digits(sorted[0], 3),
		Most:   story.Digits(sorted[len(sorted)-1], 3),
	}
}

// timerName is what a benchmark measures: "lab01_timeout: read deadline, 10ms".
func timerName(l kept.Lateness) string {
	name, setting, hasSetting := strings.Cut(strings.TrimPrefix(l.Benchmark, "Benchmark"), "/")
	name = l.Lab + ": " + catalog.Words(strings.TrimSuffix(name, "Lateness"))
	if hasSetting {
		name += ", " + setting
	}
	return name
}

// number is a coordinate, rounded to a tenth, in its shortest form.
func number(f float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
}
