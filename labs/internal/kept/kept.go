// Package kept reads and writes the folder in which runs of experiments keep their records:
//
//	DIR/lab/test/outcome.json        what go test said of the test
//	DIR/lab/test/story.json          its story, as the harness has recorded it
//	DIR/lab/test/wire.pcapng         the segments, for tshark and Wireshark
//	DIR/lab/benchmark/lateness.json  how late each of many timers fired, in nanoseconds
//	DIR/machinetest/TestMachine/…    what the machine is and what it can show
//	DIR/kernel/…                     the same, for a kernel in the time machine
package kept

import (
	"regexp"
	"strings"
	"time"

	"socketlabs/harness/story"
)

// Outcome is what go test says about one test.
type Outcome struct {
	Lab        string            `json:"lab"`    // the folder of its package, without the folders above
	Test       string            `json:"test"`   // with its parent's name: "TestX/part"
	Result     string            `json:"result"` // pass, fail or skip; empty if it did not end
	Began      time.Time         `json:"began"`
	Took       float64           `json:"took"`                 // seconds
	Says       []string          `json:"says,omitempty"`       // output that is not in the story: why it failed or was skipped
	Attributes map[string]string `json:"attributes,omitempty"` // set by testing.T's Attr
}

// Time is how long the test took.
func (o Outcome) Time() time.Duration { return time.Duration(o.Took * float64(time.Second)) }

var position = regexp.MustCompile(`^\s+\S+\.go:\d+: `)

// Reason is why the test was skipped.
func (o Outcome) Reason() string {
	said := strings.Join(o.Says, " ")
	return strings.TrimSpace(strings.TrimPrefix(said, position.FindString(said)))
}

// Test is a test's outcome, and its story.
type Test struct {
	Outcome
	Story *story.Record // nil if it has none
}

// Run is what the experiments on one kernel left. A subtest follows its test.
type Run struct {
	Kernel   string // a kernel of the time machine; empty for a run on the machine itself
	Tests    []Test // by lab, then in the order in which they began
	Lateness []Lateness
}

// Lateness is how late each timer of a benchmark fired, in nanoseconds.
type Lateness struct {
	Lab       string
	Benchmark string          // with its parent's name: "BenchmarkReadDeadlineLateness/10ms"
	Late      []time.Duration // in the order in which they were measured
}
