package lab02_reuseaddr

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
)

// TestReusePortIsForOneUser: with SO_REUSEPORT, only sockets of one user can share a port: bind by another user fails with
// EADDRINUSE. With SO_REUSEADDR, the user does not matter: another user's UDP socket can bind the port if both sockets
// have the option.
//
// Claim: Beyond the chapter.
//
// Predict: the UDP sockets of two users have SO_REUSEADDR, and the first is bound to a port; can the second be bound to the same port?
//   - [ ] no: EADDRINUSE
//   - [ ] no: EACCES
//   - [x] yes
func TestReusePortIsForOneUser(t *testing.T) {
	x := harness.Start(t, kernel.AnotherUser)
	const sameUser, anotherUser = "the same user", "another user"
	for _, second := range []struct {
		protocol string
		kind     int
		option   option // on both sockets
		user     string
		want     result
	}{
		{"TCP", unix.SOCK_STREAM, reusePort, sameUser, ok},
		{"TCP", unix.SOCK_STREAM, reusePort, anotherUser, inUse},
		{"UDP", unix.SOCK_DGRAM, reusePort, sameUser, ok},
		{"UDP", unix.SOCK_DGRAM, reusePort, anotherUser, inUse},
		{"UDP", unix.SOCK_DGRAM, reuseAddr, anotherUser, ok},
	} {
		socket := func() (fd int) {
			fd, err := unix.Socket(harness.Domain(), second.kind|unix.SOCK_CLOEXEC, 0)
			require.NoError(t, err)
			x.OwnFD(fd)
			require.NoError(t, second.option.set(fd))
			return fd
		}
		first := socket()
		require.NoError(t, unix.Bind(first, x.Sockaddr(harness.Loopback())))
		if second.kind == unix.SOCK_STREAM {
			require.NoError(t, unix.Listen(first, 1))
		}

		x.Step("a %s socket has a port, with the option %v; a second socket, of %s, binds the same port",
			second.protocol, second.option, second.user)
		var err error
		bind := func() { err = unix.Bind(socket(), x.Sockaddr(addressOf(t, first))) }
		if second.user == anotherUser {
			kernel.AsAnotherUser(bind)
		} else {
			bind()
		}
		x.Outcome(harness.Server, "bind: %v", err)
		assert.Equal(t, second.want, resultOf(err), "result of bind: %s, with the option %v, by %s", second.protocol, second.option, second.user)
	}
}
