package harness

import (
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// FullBacklog is the address of a listener that accepts nobody and whose backlog is full: the
// kernel drops every further SYN, so a connect is never answered.
func (x *Experiment) FullBacklog() (address string) {
	x.t.Helper()
	const backlog = 1
	listener := x.ListenNoKeepalive()
	// A second listen(2) on a listening socket sets the backlog anew.
	err := onDescriptor(listener, func(fd int) error { return unix.Listen(fd, backlog) })
	require.NoError(x.t, err)
	// The kernel admits one more than the backlog says: sk_acceptq_is_full() compares with ">".
	for range backlog + 1 {
		x.DialNoKeepalive(listener.Addr().String())
	}
	return listener.Addr().String()
}
