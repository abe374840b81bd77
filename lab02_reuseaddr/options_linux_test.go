package lab02_reuseaddr

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// option is what a socket of the tables has set before bind: one option, or none.
type option int

const (
	none      option = 0
	reuseAddr option = unix.SO_REUSEADDR
	reusePort option = unix.SO_REUSEPORT
)

func (o option) String() string {
	return map[option]string{none: "none", reuseAddr: "reuseaddr", reusePort: "reuseport"}[o]
}

// reuseAddrOf reads SO_REUSEADDR back from a socket.
func reuseAddrOf(t *testing.T, socket syscall.Conn) (set int) {
	t.Helper()
	raw, err := socket.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		set, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR)
	}))
	require.NoError(t, err)
	return set
}

// result is what came of a call, as the tables write it.
type result string

const (
	ok        result = "ok"
	inUse     result = "EADDRINUSE"
	notCalled result = "not called" // because the call before it failed
)

func resultOf(err error) result {
	switch {
	case err == nil:
		return ok
	case errors.Is(err, unix.EADDRINUSE):
		return inUse
	default:
		return result(fmt.Sprint("unexpected: ", err))
	}
}
