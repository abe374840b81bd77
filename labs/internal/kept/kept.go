// Package kept knows the folder in which runs of experiments leave what they saw, so that it can be read later:
//
//	DIR/lab/test/outcome.json        what go test said of the test
//	DIR/lab/test/story.json          its story, as the harness has noted it
//	DIR/lab/test/wire.pcapng         the segments, for tshark and Wireshark
//	DIR/lab/benchmark/lateness.json  how late each of many timers fired, in nanoseconds
//	DIR/machinetest/TestMachine/…    what the machine is and can do
//	DIR/kernel/…                     the same, of a kernel in the time machine
package kept

import (
	"regexp"
	"strings"
	"time"

	"socketlabs/harness/story"
)

// Outcome is what go test says of one test.
type Outcome struct {
	Lab        string            `json:"lab"`    // the folder of its package, without those above
	Test       string            `json:"test"`   // with its parent's: "TestX/part"
	Result     string            `json:"result"` // pass, fail or skip; empty if it did not end
	Began      time.Time         `json:"began"`
	Took       float64           `json:"took"`                 // seconds
	Says       []string          `json:"says,omitempty"`       // beside the story: why it failed or was skipped
	Attributes map[string]string `json:"attributes,omitempty"` // of testing.T's Attr
}

// Time is how long the test took.
func (o Outcome) Time() time.Duration { return time.Duration(o.Took * float64(time.Second)) }

var position = regexp.MustCompile(`^\s+\S+\.go:\d+: `)

// Reason is why the test was skipped.
func (o Outcome) Reason() string {
	said := strings.Join(o.Says, " ")
	return strings.TrimSpace(strings.TrimPrefix(said, position.FindString(said)))
}

// Test is an outcome and what else was kept of the test.
type Test struct {
	Outcome
	Story *story.Record // nil if it has none
}

// Run is what experiments left that ran on one kernel. Tests that are parts of others follow them.
type Run struct {
	Kernel   string // of the time machine; empty for a run on the machine itself
	Tests    []Test // in the order of labs, and of beginning
	Lateness []Lateness
}

// Lateness is how late each of many timers fired, in nanoseconds that a benchmark has set.
type Lateness struct {
	Lab       string
	Benchmark string          // with its parent's: "BenchmarkReadDeadlineLateness/10ms"
	Late      []time.Duration // in the order of measuring
}
