// Package harness stands in for the real one: its needs, and nothing else.
package harness

import "testing"

type Need struct{ Name string }

var (
	LongTimers = Need{"LongTimers"}
	Wings      = Need{"Wings"}
)

// Start is where an experiment says what it needs.
func Start(testing.TB, ...Need) {}
