//go:build !windows

package robust

import "syscall"

// The errors that the system itself gives have other numbers on Windows.
const (
	connectionRefused  = syscall.ECONNREFUSED
	connectionReset    = syscall.ECONNRESET
	connectionAborted  = syscall.ECONNABORTED
	timedOut           = syscall.ETIMEDOUT
	hostUnreachable    = syscall.EHOSTUNREACH
	networkUnreachable = syscall.ENETUNREACH
)
