package lab01_timeout

import "golang.org/x/sys/windows"

// Winsock has its own numbers for these errors; syscall.ECONNREFUSED and syscall.ECONNRESET never occur on Windows.
const (
	connectionRefused = windows.WSAECONNREFUSED
	connectionReset   = windows.WSAECONNRESET
)
