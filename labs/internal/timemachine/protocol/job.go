// Package protocol is how the time machine and its guest communicate. The guest finds its job in a file, and
// sends messages back over a serial line.
package protocol

import "time"

// Paths in the guest's file system.
const (
	Init      = "/init" // the guest's own program
	JobFile   = "/job.json"
	Modules   = "/modules"   // kernel modules that it has to load, in the order of their names
	Binaries  = "/tests"     // compiled test binaries
	Artifacts = "/artifacts" // artifacts of tests, in a folder for each package

	Line = "/dev/ttyS1" // serial line for orders, if there is no JobFile
)

// Job is what the guest has to do.
type Job struct {
	Tests     []Test
	Env       []string
	Artifacts bool // send the artifacts of tests to the host
}

// Test is a test binary, and how to run it.
type Test struct {
	Package string
	Binary  string // in Binaries
	Args    []string
	Env     []string // in addition to the Job's
	Stdin   string
	Limits
}

// Limits end a test binary that exceeds them. Zero means no limit.
type Limits struct {
	Time   time.Duration // virtual time
	Output int           // bytes
}

// The names of the limits, in a Message of the kind Ended.
const (
	OfTime   = "time"
	OfOutput = "output"
)

// Order is an order to a machine that stays on: a test binary to run.
type Order struct {
	Binary string // in Binaries
	Args   []string
	Env    []string
}
