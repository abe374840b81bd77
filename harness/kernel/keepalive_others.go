//go:build !darwin && !freebsd && !linux

package kernel

import (
	"net"
	"runtime"
	"syscall"

	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

const keepaliveMissing = "the harness can't read these options back on " + runtime.GOOS + "; " + system.OnLinux

// Keepalive is for experiments that need KeepaliveReadBack, and that are skipped here.
func Keepalive(x *harness.Experiment, conn syscall.Conn) (none net.KeepAliveConfig) {
	x.T().Fatal(keepaliveMissing)
	return none
}
