//go:build !linux

package system

import "runtime"

// LinuxMissing says why this is not Linux.
const LinuxMissing = "this is " + runtime.GOOS + "; " + OnLinux
