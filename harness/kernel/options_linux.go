package kernel

import (
	"fmt"

	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// multipathMissing opens a socket of Multipath TCP.
func multipathMissing() string {
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return fmt.Sprintf("this kernel has no Multipath TCP (%v); run it on Linux 5.6 or later, with net.mptcp.enabled = 1", err)
	}
	unix.Close(fd)
	return ""
}

// longestRetransmissionMissing asks for the option TCP_RTO_MAX_MS, which a new socket has from the system.
func longestRetransmissionMissing() string {
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err.Error()
	}
	defer unix.Close(fd)
	if _, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_RTO_MAX_MS); err != nil {
		return fmt.Sprintf("this kernel has no TCP_RTO_MAX_MS (%v); run it on Linux 6.15 or later", err)
	}
	return ""
}
