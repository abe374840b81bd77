package lab01_timeout

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// TestConnectionTimeoutLimitsConnect: on macOS, TCP_CONNECTIONTIMEOUT is the number of seconds after which an
// unanswered connect fails with ETIMEDOUT. Without the option, connect goes on waiting.
//
// Source: tcp(4) of macOS: by default the system gives up after net.inet.tcp.keepinit, which is 75 s.
func TestConnectionTimeoutLimitsConnect(t *testing.T) {
	x := harness.Start(t)
	const patience = 2 * time.Second
	const tick = 100 * time.Millisecond // TCP_RETRANSHZ and the coarsest of the timers: XNU, bsd/netinet/tcp_timer.h
	full := fullListener(t, x)
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	control := x.Begin(harness.Client, "Dial with no limit", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp4", full)
		return err
	})

	x.Step("the client dials a listener whose backlog is full, with TCP_CONNECTIONTIMEOUT of %v", patience)
	var option error
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
		return conn.Control(func(fd uintptr) {
			option = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_CONNECTIONTIMEOUT, int(patience/time.Second))
		})
	}}
	begun := time.Now()
	_, err := dialer.Dial("tcp4", full)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.NoError(t, option)
	assert.ErrorIs(t, err, syscall.ETIMEDOUT)
	x.AssertAtLeast(took, patience-tick)
	control.AssertStillWaiting()
}

// fullListener is the address of a listener that accepts nothing, and whose backlog is full.
func fullListener(t *testing.T, x *harness.Experiment) (address string) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(fd, 1))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*unix.SockaddrInet4).Port}
	for range 16 {
		conn, err := net.DialTimeout("tcp4", at.String(), time.Second)
		if timeout, is := errors.AsType[net.Error](err); is && timeout.Timeout() {
			return at.String()
		}
		require.NoError(t, err)
		x.Own(conn)
	}
	require.Fail(t, "a backlog of 1 should be full after 16 connections")
	return ""
}
