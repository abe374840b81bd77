package robust

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// setUserTimeout limits how long data may stay unacknowledged, and how long a window may stay closed: TCP_USER_TIMEOUT
// in tcp(7), in milliseconds. Multipath TCP refuses this option.
func setUserTimeout(conn *net.TCPConn, limit time.Duration) (refused bool, err error) {
	err = onDescriptor(conn, func(fd int) error {
		return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.Milliseconds()))
	})
	if errors.Is(err, unix.ENOPROTOOPT) {
		return true, nil
	}
	return false, err
}

// acknowledged reports whether the client's kernel has acknowledged everything that we have written: SIOCOUTQ in tcp(7).
func acknowledged(conn *net.TCPConn) bool { return isEmpty(conn, unix.SIOCOUTQ) }

// settled reports whether the client's kernel has acknowledged everything that we have written, and we have read everything
// that has arrived: SIOCINQ in tcp(7).
func settled(conn *net.TCPConn) bool { return acknowledged(conn) && isEmpty(conn, unix.SIOCINQ) }

func isEmpty(conn *net.TCPConn, queue uint) bool {
	var bytes int
	err := onDescriptor(conn, func(fd int) (err error) {
		bytes, err = unix.IoctlGetInt(fd, queue)
		return err
	})
	return err == nil && bytes == 0
}

func onDescriptor(conn *net.TCPConn, call func(fd int) error) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = call(int(fd)) })
	return errors.Join(err, failed)
}
