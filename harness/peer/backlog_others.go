//go:build !linux

package peer

import (
	"net"

	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// FullBacklog is for experiments that need UnansweredConnects, and that are skipped here.
func FullBacklog(x *harness.Experiment) (address string) {
	x.T().Fatal(system.LinuxMissing)
	return ""
}

// FillBacklog is for the same experiments as FullBacklog.
func FillBacklog(x *harness.Experiment, listener *net.TCPListener) { x.T().Fatal(system.LinuxMissing) }
