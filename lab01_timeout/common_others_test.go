//go:build !windows

package lab01_timeout

import "syscall"

// On Windows, these errors have other numbers: see common_windows_test.go.
const (
	connectionRefused = syscall.ECONNREFUSED
	connectionReset   = syscall.ECONNRESET
)
