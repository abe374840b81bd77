package harness

import (
	"slices"
	"testing"
	"time"
)

// ReportLateness adds the median and the 99th percentile of late to the benchmark's figures, in
// microseconds, in place of the time for each operation, which is the time that was waited for.
func ReportLateness(b *testing.B, late []time.Duration) {
	slices.Sort(late)
	report := func(percentile int, unit string) {
		nearestRank := (len(late)*percentile + 99) / 100
		b.ReportMetric(float64(late[nearestRank-1].Nanoseconds())/1e3, unit)
	}
	report(50, "µs-late-median")
	report(99, "µs-late-p99")
	b.ReportMetric(0, "ns/op")
}
