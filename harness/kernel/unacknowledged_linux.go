package kernel

import (
	"syscall"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
)

// Unacknowledged returns how many bytes written on conn the peer's kernel has not acknowledged, whether they
// were sent or not: SIOCOUTQ in tcp(7).
func Unacknowledged(x *harness.Experiment, conn syscall.Conn) (bytes int) {
	x.T().Helper()
	err := socket.OnDescriptor(conn, func(fd int) (err error) {
		bytes, err = unix.IoctlGetInt(fd, unix.SIOCOUTQ)
		return err
	})
	require.NoError(x.T(), err)
	return bytes
}
