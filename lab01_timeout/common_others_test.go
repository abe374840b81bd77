//go:build !windows

package lab01_timeout

import "syscall"

// The errors that the system itself gives have other numbers on Windows.
const (
	connectionRefused = syscall.ECONNREFUSED
	connectionReset   = syscall.ECONNRESET
)
