package wire

import (
	"fmt"

	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// Capture is the need of experiments that look at the wire.
var Capture = harness.Need{
	Name: "Capture", Says: "the segments that are sent over the loopback can be captured",
	Missing: captureMissing, Wire: true,
}

// captureMissing says why nothing can be captured here.
func captureMissing() string {
	if system.LinuxMissing != "" {
		return system.LinuxMissing
	}
	if _, err := theCapture(); err != nil {
		return fmt.Sprintf("%v; leave LABS_SANDBOX on, if the system allows namespaces, or give the tests CAP_NET_RAW", err)
	}
	return ""
}
