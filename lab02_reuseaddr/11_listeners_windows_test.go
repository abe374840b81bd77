package lab02_reuseaddr

import "golang.org/x/sys/windows"

// The error of bind when the port is in use.
const addressInUse = windows.WSAEADDRINUSE
