package robust

import "golang.org/x/sys/windows"

// Winsock has numbers of its own for these errors. Its calls never return syscall.ECONNRESET and the like.
const (
	connectionRefused  = windows.WSAECONNREFUSED
	connectionReset    = windows.WSAECONNRESET
	connectionAborted  = windows.WSAECONNABORTED
	notConnected       = windows.WSAENOTCONN
	shutDown           = windows.WSAESHUTDOWN
	timedOut           = windows.WSAETIMEDOUT
	hostUnreachable    = windows.WSAEHOSTUNREACH
	hostDown           = windows.WSAEHOSTDOWN
	networkUnreachable = windows.WSAENETUNREACH
	networkDown        = windows.WSAENETDOWN
	noDescriptor       = windows.WSAEMFILE
	noAddress          = windows.WSAEADDRNOTAVAIL
)

// connect is the name of the system call in an os.SyscallError.
const connect = "connectex"

// passing are the errors of accept that say nothing about the listener: some resource is exhausted for a moment, or the
// client has failed before it was accepted.
var passing = []error{
	windows.WSAEMFILE, windows.WSAENOBUFS,
	windows.WSAECONNABORTED, windows.WSAECONNRESET,
	windows.WSAENETDOWN,
}
