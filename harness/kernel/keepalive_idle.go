//go:build freebsd || linux

package kernel

import "golang.org/x/sys/unix"

// keepIdle is the option for the idle time: TCP_KEEPIDLE in tcp(7) of Linux, and tcp(4) of FreeBSD.
const keepIdle = unix.TCP_KEEPIDLE
