//go:build !windows

package lab02_reuseaddr

import "syscall"

// What the system says when a port is taken.
const addressInUse = syscall.EADDRINUSE
