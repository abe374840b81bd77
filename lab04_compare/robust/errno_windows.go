package robust

import "golang.org/x/sys/windows"

// Winsock has numbers of its own for these errors; syscall.ECONNRESET and its like never occur.
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

// connect is the name of the system call, as os.SyscallError has it.
const connect = "connectex"

// passing are the errors of accept that say nothing about the listener: something is used up for a moment, or the
// client has failed before it was accepted.
var passing = []error{
	windows.WSAEMFILE, windows.WSAENOBUFS,
	windows.WSAECONNABORTED, windows.WSAECONNRESET,
	windows.WSAENETDOWN,
}
