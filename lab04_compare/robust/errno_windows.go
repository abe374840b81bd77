package robust

import "golang.org/x/sys/windows"

// Winsock has numbers of its own for these errors; syscall.ECONNRESET and its like never occur.
const (
	connectionRefused  = windows.WSAECONNREFUSED
	connectionReset    = windows.WSAECONNRESET
	connectionAborted  = windows.WSAECONNABORTED
	timedOut           = windows.WSAETIMEDOUT
	hostUnreachable    = windows.WSAEHOSTUNREACH
	networkUnreachable = windows.WSAENETUNREACH
)
