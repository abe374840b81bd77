package robust

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestKernelWatchesOverClient(t *testing.T) {
	t.Parallel()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	dialed, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer dialed.Close()
	conn, err := listener.AcceptTCP()
	require.NoError(t, err)
	defer conn.Close()
	limits := Limits{Idle: 7 * time.Second, Interval: 3 * time.Second, Count: 5, Buffer: 32 << 10}
	c := client{conn: conn, limits: limits}
	require.NoError(t, c.watch())
	assert.False(t, c.withoutUserTimeout)

	for _, option := range []struct {
		name         string
		level, which int
		want         int
	}{
		{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 7},
		{"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 3},
		{"TCP_KEEPCNT", unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 5},
		{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, (7 + 5*3) * 1000},
		{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF, 2 * 32 << 10}, // the kernel doubles it: socket(7)
	} {
		var got int
		assert.NoError(t, onDescriptor(conn, func(fd int) (err error) {
			got, err = unix.GetsockoptInt(fd, option.level, option.which)
			return err
		}), option.name)
		assert.Equal(t, option.want, got, option.name)
	}
	conn.Close()
	assert.Error(t, c.watch())
}

// The server has only one place: it answers the next client when it has dropped the client that vanished.
func TestVanishedClientIsGivenUp(t *testing.T) {
	unlessChecking(t)
	t.Parallel()
	for _, failure := range []struct {
		name string
		last string // what the client sends after its host has vanished
	}{
		{"idle", ""},
		{"an answer is on its way", "a request\n"},
	} {
		t.Run(failure.name, func(t *testing.T) {
			t.Parallel()
			limits := short
			limits.Request, limits.Answer, limits.Clients = long, long, 1
			s := start(t, limits, nil)
			begun := time.Now()
			client := s.client()
			vanish(t, client)
			send(t, client, failure.last)
			exchange(t, s.connect(net.Dialer{}))
			const tick = 10 * time.Millisecond // the longest tick of any kernel: CONFIG_HZ = 100
			took := time.Since(begun)
			assert.GreaterOrEqual(t, took, limits.silence()-tick)
			assert.Less(t, took, 10*limits.silence())
		})
	}
}

// An idle client that has all its answers does not keep the server from stopping.
func TestStopLeavesIdleClientAtOnce(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Answer = long
	s := start(t, limits, nil)
	client := s.client()
	require.Eventually(t, func() bool { return acknowledged(client) }, guard, time.Millisecond)
	s.stop()
	assert.NoError(t, s.wait())
	assert.NoError(t, end(client))
}

func TestSettled(t *testing.T) {
	t.Parallel()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	dialed, err := smallWindow.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer dialed.Close()
	conn, err := listener.AcceptTCP()
	require.NoError(t, err)
	defer conn.Close()
	eventually := func(condition bool, is func(*net.TCPConn) bool) {
		t.Helper()
		assert.Eventually(t, func() bool { return condition == is(conn) }, guard, time.Millisecond)
	}
	eventually(true, settled)

	send(t, dialed, "?")
	eventually(false, settled)
	assert.True(t, acknowledged(conn))
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err)
	assert.True(t, settled(conn))

	answer := strings.Repeat("!", 16<<10) // the window closes, and the rest waits
	send(t, conn, answer)
	assert.False(t, acknowledged(conn))
	assert.False(t, settled(conn))
	_, err = io.ReadFull(dialed, make([]byte, len(answer)))
	require.NoError(t, err)
	eventually(true, acknowledged)
	conn.Close()
	for _, none := range []*net.TCPConn{conn, new(net.TCPConn)} {
		assert.False(t, acknowledged(none), "acknowledged should be false if the kernel can't tell")
		assert.False(t, settled(none), "settled should be false if the kernel can't tell")
		_, err := setUserTimeout(none, time.Second)
		assert.Error(t, err)
	}
}
