//go:build !darwin && !freebsd && !linux

package harness

import (
	"net"
	"runtime"
	"syscall"
)

const keepaliveMissing = "the harness can't read these options back on " + runtime.GOOS + "; " + onLinux

// Keepalive is for experiments that need KeepaliveReadBack, and that are skipped here.
func (x *Experiment) Keepalive(conn syscall.Conn) (none net.KeepAliveConfig) {
	x.t.Fatal(keepaliveMissing)
	return none
}
