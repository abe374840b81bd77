package lab02_reuseaddr

import "golang.org/x/sys/windows"

// What the system says when a port is taken.
const addressInUse = windows.WSAEADDRINUSE
