//go:build !windows

package lab02_reuseaddr

import "syscall"

// The error of bind when the port is in use.
const addressInUse = syscall.EADDRINUSE
