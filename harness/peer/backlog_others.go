//go:build !linux

package peer

import (
	"net"

	"socketlabs/harness"
)

// FullBacklog is for experiments that need UnansweredConnects, and that are skipped here.
func FullBacklog(x *harness.Experiment) (address string) {
	x.T().Fatal(harness.LinuxMissing)
	return ""
}

// FillBacklog is for them, too.
func FillBacklog(x *harness.Experiment, listener *net.TCPListener) { x.T().Fatal(harness.LinuxMissing) }
