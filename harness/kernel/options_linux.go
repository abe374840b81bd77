package kernel

import (
	"fmt"

	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// portRangesMissing reads the option IP_LOCAL_PORT_RANGE; on a new socket, its value means "no range".
func portRangesMissing() string {
	return optionMissing("IP_LOCAL_PORT_RANGE", unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, "6.3")
}

// longestRetransmissionMissing reads the option TCP_RTO_MAX_MS; a new socket takes its value from the system.
func longestRetransmissionMissing() string {
	return optionMissing("TCP_RTO_MAX_MS", unix.IPPROTO_TCP, unix.TCP_RTO_MAX_MS, "6.15")
}

// optionMissing tries to read an option of a new socket. Linux has the option since the given version.
func optionMissing(name string, level, option int, since string) string {
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err.Error()
	}
	defer unix.Close(fd)
	if _, err := unix.GetsockoptInt(fd, level, option); err != nil {
		return fmt.Sprintf("this kernel has no %s (%v); run it on Linux %s or later", name, err, since)
	}
	return ""
}

// multipathMissing tries to open a Multipath TCP socket.
func multipathMissing() string {
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return fmt.Sprintf("this kernel has no Multipath TCP (%v); run it on Linux 5.6 or later, with net.mptcp.enabled = 1", err)
	}
	unix.Close(fd)
	return ""
}
