//go:build !windows

package robust

import "syscall"

// The system's errors. On Windows they have other numbers.
const (
	connectionRefused  = syscall.ECONNREFUSED
	connectionReset    = syscall.ECONNRESET
	connectionAborted  = syscall.ECONNABORTED
	notConnected       = syscall.ENOTCONN
	shutDown           = syscall.EPIPE
	timedOut           = syscall.ETIMEDOUT
	hostUnreachable    = syscall.EHOSTUNREACH
	hostDown           = syscall.EHOSTDOWN
	networkUnreachable = syscall.ENETUNREACH
	networkDown        = syscall.ENETDOWN
	noDescriptor       = syscall.EMFILE
	noAddress          = syscall.EADDRNOTAVAIL
)

// connect is the name of the system call in an os.SyscallError.
const connect = "connect"

// passing are the errors of accept that say nothing about the listener: some resource is exhausted for a moment, or the
// client has failed before it was accepted. Linux passes the client's error on: accept(2), "Error handling".
var passing = []error{
	syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
	syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EPROTO,
	syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EHOSTUNREACH,
}
