package peer

import (
	"net"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
	"socketlabs/harness/story"
)

// FullBacklog returns the address of a listener that never accepts, and whose backlog is full: the
// kernel drops every further SYN, so a connect is never answered.
func FullBacklog(x *harness.Experiment) (address string) {
	x.T().Helper()
	listener := ListenNoKeepalive(x)
	FillBacklog(x, listener)
	return listener.Addr().String()
}

// FillBacklog fills the backlog of a listener that never accepts.
func FillBacklog(x *harness.Experiment, listener *net.TCPListener) {
	x.T().Helper()
	const backlog = 1
	// A second listen(2) on a listening socket sets the backlog anew.
	err := socket.OnDescriptor(listener, func(fd int) error { return unix.Listen(fd, backlog) })
	require.NoError(x.T(), err)
	// The kernel queues one connection more than the backlog: sk_acceptq_is_full() compares with ">".
	for range backlog + 1 {
		DialNoKeepalive(x, listener.Addr().String())
	}
	x.Struck(story.UnansweredConnect)
}
