package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
)

func readByte(conn net.Conn) error {
	_, err := conn.Read(make([]byte, 1))
	return err
}

// endedBy completes a finding about a read with the error that ended it.
func endedBy(err error, f grading.Finding) grading.Finding {
	f.Seen = fmt.Sprintf("Read: %v", err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		f.Mistake = "a timeout ends the read: it can't tell a silent peer from a dead one"
		f.Read = "lab03_keepalive/TestHungProcessLooksAlive"
	}
	return f
}

// userTimeoutOf reads TCP_USER_TIMEOUT back.
func userTimeoutOf(t *testing.T, conn *net.TCPConn) time.Duration {
	t.Helper()
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	var milliseconds int
	require.NoError(t, raw.Control(func(fd uintptr) {
		milliseconds, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
	}))
	require.NoError(t, err)
	return time.Duration(milliseconds) * time.Millisecond
}
