package kernel

import (
	"fmt"

	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// portRangesMissing asks for the option IP_LOCAL_PORT_RANGE, which a new socket has as "no range".
func portRangesMissing() string {
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err.Error()
	}
	defer unix.Close(fd)
	if _, err := unix.GetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE); err != nil {
		return fmt.Sprintf("this kernel has no IP_LOCAL_PORT_RANGE (%v); run it on Linux 6.3 or later", err)
	}
	return ""
}
