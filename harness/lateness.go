package harness

import (
	"encoding/json"
	"io"
	"slices"
	"testing"
	"time"
)

// ReportLateness adds the median and the 99th percentile of late, in microseconds, to the benchmark's
// figures. It removes the time per operation, which would only show how long the benchmark waited. With
// go test -artifacts it keeps all values of late, in nanoseconds.
func ReportLateness(b *testing.B, late []time.Duration) {
	if keepsArtifacts() {
		keep(b, "lateness.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(late) })
	}
	sorted := slices.Sorted(slices.Values(late))
	report := func(percentile int, unit string) {
		nearestRank := (len(sorted)*percentile + 99) / 100
		b.ReportMetric(float64(sorted[nearestRank-1].Nanoseconds())/1e3, unit)
	}
	report(50, "µs-late-median")
	report(99, "µs-late-p99")
	b.ReportMetric(0, "ns/op")
}
