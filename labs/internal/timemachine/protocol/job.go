// Package protocol is what the time machine and its guest say to each other: the guest finds its job as
// a file, and sends messages back over a serial line of their own.
package protocol

import "time"

// Where the guest finds what it needs, in its only file system.
const (
	Init      = "/init" // the guest's own program
	JobFile   = "/job.json"
	Modules   = "/modules"   // parts of the kernel that it has to load, in the order of their names
	Binaries  = "/tests"     // compiled test binaries
	Artifacts = "/artifacts" // what tests leave; it has a folder for each package

	Line = "/dev/ttyS1" // orders come over it where there is no JobFile
)

// Job is what the guest has to do.
type Job struct {
	Tests     []Test
	Env       []string
	Artifacts bool // send home what the tests leave
}

// Test is a test binary, and how to run it.
type Test struct {
	Package string
	Binary  string // in Binaries
	Args    []string
	Env     []string // beside the Job's
	Stdin   string
	Limits
}

// Limits end a test binary that takes more. What is zero is not limited.
type Limits struct {
	Time   time.Duration // of the guest's
	Output int           // bytes
}

// The names of the limits, in the Message that the binary has ended.
const (
	OfTime   = "time"
	OfOutput = "output"
)

// Order is what a machine that stays on is asked to run.
type Order struct {
	Binary string // in Binaries
	Args   []string
	Env    []string
}
