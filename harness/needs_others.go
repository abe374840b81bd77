//go:build !linux

package harness

import "runtime"

// LinuxMissing says why this is not Linux.
const LinuxMissing = "this is " + runtime.GOOS + "; " + OnLinux
