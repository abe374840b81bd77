package lab01_timeout

import "golang.org/x/sys/windows"

// Winsock has numbers of its own for these errors; syscall.ECONNRESET and its like never occur.
const (
	connectionRefused = windows.WSAECONNREFUSED
	connectionReset   = windows.WSAECONNRESET
)
