package lab02_reuseaddr

import "golang.org/x/sys/windows"

// The system's error when a port is taken.
const addressInUse = windows.WSAEADDRINUSE
