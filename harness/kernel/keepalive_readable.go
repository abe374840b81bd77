//go:build darwin || freebsd || linux

package kernel

import (
	"net"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
)

const keepaliveMissing = ""

// Keepalive reads a connection's keepalive options back from the kernel.
func Keepalive(x *harness.Experiment, conn syscall.Conn) (options net.KeepAliveConfig) {
	x.T().Helper()
	err := socket.OnDescriptor(conn, func(fd int) (err error) {
		options, err = keepalive(fd)
		return err
	})
	require.NoError(x.T(), err)
	return options
}

// KeepaliveFD reads the keepalive options of a socket that the test has opened itself.
func KeepaliveFD(x *harness.Experiment, fd int) net.KeepAliveConfig {
	x.T().Helper()
	options, err := keepalive(fd)
	require.NoError(x.T(), err)
	return options
}

func keepalive(fd int) (net.KeepAliveConfig, error) {
	var on, idle, interval, count int
	for _, option := range []struct {
		level, name int
		value       *int
	}{
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE, &on},
		{unix.IPPROTO_TCP, keepIdle, &idle},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, &interval},
		{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, &count},
	} {
		var err error
		if *option.value, err = unix.GetsockoptInt(fd, option.level, option.name); err != nil {
			return net.KeepAliveConfig{}, err
		}
	}
	return net.KeepAliveConfig{
		Enable:   on != 0,
		Idle:     time.Duration(idle) * time.Second,
		Interval: time.Duration(interval) * time.Second,
		Count:    count,
	}, nil
}
