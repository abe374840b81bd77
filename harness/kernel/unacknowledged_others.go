//go:build !linux

package kernel

import (
	"syscall"

	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// Unacknowledged is for experiments on Linux, which are skipped here.
func Unacknowledged(x *harness.Experiment, conn syscall.Conn) (bytes int) {
	x.T().Fatal(system.LinuxMissing)
	return 0
}
