// Package process runs a server of a test's own as a process, which can be killed, stopped and started again as a
// whole.
package process

import "socketlabs/harness"

// Processes is the need of experiments that start one.
var Processes = harness.Need{
	Name: "Processes", Says: "a process can be killed, stopped and continued",
	Missing: func() string { return signalsMissing() },
}
