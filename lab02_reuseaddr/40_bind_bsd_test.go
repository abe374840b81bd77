//go:build darwin || freebsd

package lab02_reuseaddr

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// TestReuseAddrIsForOtherAddresses: on macOS and FreeBSD, SO_REUSEADDR lets a socket bind a port on a specific address
// while another socket is bound to the port on the wildcard address. It does not let two sockets bind the same address
// and port: for that, both need SO_REUSEPORT.
//
// Source: setsockopt(2) of both systems; in_pcbbind() in XNU's bsd/netinet/in_pcb.c. TestTwoBoundSocketsCoexist shows Linux's rule.
func TestReuseAddrIsForOtherAddresses(t *testing.T) {
	x := harness.Start(t)
	wildcard, loopback := [4]byte{}, [4]byte{127, 0, 0, 1}
	const none = 0
	var got [6]string
	for i, c := range []struct {
		first         [4]byte
		before, after int // the option of the first socket, and of the second
	}{
		{loopback, none, none},
		{loopback, unix.SO_REUSEADDR, unix.SO_REUSEADDR},
		{wildcard, none, none},
		{wildcard, unix.SO_REUSEADDR, unix.SO_REUSEADDR},
		{loopback, unix.SO_REUSEPORT, unix.SO_REUSEPORT},
		{loopback, none, unix.SO_REUSEPORT},
	} {
		x.Step("a socket is bound to %v; then a second socket binds %v and the same port", c.first, loopback)
		first := boundTo(t, c.before, &unix.SockaddrInet4{Addr: c.first})
		require.NoError(t, first.err)
		name, err := unix.Getsockname(first.fd)
		require.NoError(t, err)
		second := boundTo(t, c.after, &unix.SockaddrInet4{Addr: loopback, Port: name.(*unix.SockaddrInet4).Port})
		x.Outcome(harness.Server, "bind: %v", second.err)
		got[i] = "ok"
		if second.err != nil {
			assert.ErrorIs(t, second.err, unix.EADDRINUSE)
			got[i] = "EADDRINUSE"
		}
	}

	assert.Empty(t, cmp.Diff([6]string{"EADDRINUSE", "EADDRINUSE", "EADDRINUSE", "ok", "ok", "EADDRINUSE"}, got),
		"results of the second bind (-want +got)")
}

// bound is a socket, and the error of its bind.
type bound struct {
	fd  int
	err error
}

// boundTo binds a socket that never listens. If option is 0, no option is set.
func boundTo(t *testing.T, option int, address unix.Sockaddr) bound {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	if option != 0 {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, 1)
	}
	return bound{fd, errors.Join(err, unix.Bind(fd, address))}
}
