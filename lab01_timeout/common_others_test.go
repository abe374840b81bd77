//go:build !windows

package lab01_timeout

import "syscall"

// The system's own errors have other numbers on Windows.
const (
	connectionRefused = syscall.ECONNREFUSED
	connectionReset   = syscall.ECONNRESET
)
