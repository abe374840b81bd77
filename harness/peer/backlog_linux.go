package peer

import (
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
	"socketlabs/harness/story"
)

// FullBacklog is the address of a listener that accepts nobody and whose backlog is full: the
// kernel drops every further SYN, so a connect is never answered.
func FullBacklog(x *harness.Experiment) (address string) {
	x.T().Helper()
	const backlog = 1
	listener := ListenNoKeepalive(x)
	// A second listen(2) on a listening socket sets the backlog anew.
	err := socket.OnDescriptor(listener, func(fd int) error { return unix.Listen(fd, backlog) })
	require.NoError(x.T(), err)
	// The kernel admits one more than the backlog says: sk_acceptq_is_full() compares with ">".
	for range backlog + 1 {
		DialNoKeepalive(x, listener.Addr().String())
	}
	x.Struck(story.UnansweredConnect)
	return listener.Addr().String()
}
