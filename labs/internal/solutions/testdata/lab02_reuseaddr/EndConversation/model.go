package exercise

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// EndConversation lets the client close first: the server reads until the client's FIN, sends its own, and waits
// until the client's kernel has acknowledged all. One deadline bounds all of it. When it has passed, only a reset
// leaves nothing behind.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	deadline := time.Now().Add(patience)
	err := conn.SetDeadline(deadline)
	if err == nil {
		_, err = conn.Write(answer)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, conn)
	}
	if err == nil {
		err = conn.CloseWrite()
	}
	if err == nil {
		err = endConversationAcknowledged(conn, deadline)
	}
	if err != nil {
		conn.SetLinger(0)
	}
	return err
}

// endConversationAcknowledged waits until nothing more is under way: then the kernel has left LAST_ACK.
func endConversationAcknowledged(conn *net.TCPConn, deadline time.Time) error {
	const closed = 7 // TCP_CLOSE in include/net/tcp_states.h
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	for {
		var info *unix.TCPInfo
		var failure int
		var asking error
		err := raw.Control(func(fd uintptr) {
			info, asking = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
			if asking == nil && info.State == closed {
				failure, asking = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
			}
		})
		switch {
		case err != nil || asking != nil:
			return errors.Join(err, asking)
		case failure != 0:
			return unix.Errno(failure)
		case info.State == closed:
			return nil
		case !time.Now().Before(deadline):
			return os.ErrDeadlineExceeded
		}
		time.Sleep(time.Millisecond)
	}
}
