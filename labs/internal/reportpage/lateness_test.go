package reportpage

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/kept"
)

func TestStripHasADotForEachTimerAndItsFigures(t *testing.T) {
	var late []time.Duration
	for i := range 200 {
		late = append(late, time.Duration(200-i)*time.Microsecond)
	}
	p := newLatenessPlot([]kept.Run{{Lateness: []kept.Lateness{
		{Lab: "lab01", Benchmark: "BenchmarkReadDeadlineLateness/10ms", Late: late},
		{Lab: "lab01", Benchmark: "BenchmarkNothing"},
	}}})
	require.NotNil(t, p)
	require.Len(t, p.Strips, 1, "what has no samples has no strip")
	s := p.Strips[0]
	assert.Equal(t, "lab01: read deadline, 10ms", s.Name)
	assert.Equal(t, 200, strings.Count(s.Dots, "M"))
	assert.Equal(t, []string{"1 µs", "100 µs", "198 µs", "200 µs"}, []string{s.Least, s.Median.Text, s.P99.Text, s.Most})
	assert.Less(t, s.Median.X, s.P99.X)
}

// The dots of a timer that is a tick early, or an hour late, are still within the plot.
func TestDotsStayWithinThePlot(t *testing.T) {
	late := []time.Duration{-10 * time.Millisecond, 0, time.Hour}
	p := newLatenessPlot([]kept.Run{{Lateness: []kept.Lateness{{Benchmark: "BenchmarkX", Late: late}}}})
	require.NotNil(t, p)
	assert.Equal(t, "-10 ms", p.Strips[0].Least)
	for dot := range strings.SplitSeq(strings.TrimPrefix(p.Strips[0].Dots, "M"), "M") {
		x, _, _ := strings.Cut(dot, " ")
		assert.Contains(t, []string{number(plotMargin), number(plotWidth - plotMargin)}, x)
	}
}

func TestNothingMeasuredIsNoPlot(t *testing.T) {
	assert.Nil(t, newLatenessPlot([]kept.Run{{}}))
}

func TestAxisIsLogarithmic(t *testing.T) {
	a := axis{from: time.Millisecond, to: time.Second, left: 10, width: 300}
	assert.InDelta(t, 10, a.x(time.Millisecond), 0.01)
	assert.InDelta(t, 110, a.x(10*time.Millisecond), 0.01)
	assert.InDelta(t, 310, a.x(time.Second), 0.01)
	var times []string
	for _, tick := range a.ticks([]time.Duration{500 * time.Microsecond, 10 * time.Millisecond, time.Second, time.Hour}) {
		times = append(times, tick.Time)
	}
	assert.Equal(t, []string{"10 ms", "1 s"}, times)
}
