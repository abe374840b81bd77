//go:build !linux

package kernel

import (
	"syscall"

	"socketlabs/harness"
)

// Unacknowledged is for experiments on Linux, which are skipped here.
func Unacknowledged(x *harness.Experiment, conn syscall.Conn) (bytes int) {
	x.T().Fatal(harness.LinuxMissing)
	return 0
}
