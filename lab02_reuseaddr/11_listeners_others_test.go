//go:build !windows

package lab02_reuseaddr

import "syscall"

// The system's error when a port is taken.
const addressInUse = syscall.EADDRINUSE
