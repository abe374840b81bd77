package kernel

import "golang.org/x/sys/unix"

// keepIdle is the option for the idle time: TCP_KEEPALIVE in tcp(4) of macOS.
const keepIdle = unix.TCP_KEEPALIVE
