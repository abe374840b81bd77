// Package harness stands in for the real one: its needs, and nothing else.
package harness

type Need struct{ name string }

var (
	// LongTimers: it waits for minutes.
	LongTimers = Need{"LongTimers"}

	// Wings: it must be able to fly.
	Wings = Need{"Wings"}
)
