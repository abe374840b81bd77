package exercise

import (
	"errors"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// EndConversation discards what the client sends by copying it to /dev/null, which package os does by splice(2). It waits for the
// last acknowledgment by the length of the send queue, in which the FIN counts as a byte.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) (err error) {
	end := time.Now().Add(patience)
	defer func() {
		if err != nil {
			conn.SetLinger(0)
		}
		conn.Close()
	}()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	if err := conn.SetDeadline(end); err != nil {
		return err
	}
	if _, err := conn.Write(answer); err != nil {
		return err
	}
	if _, err := conn.WriteTo(null); err != nil {
		return err
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	for {
		var left, failure int
		var err1, err2 error
		err := raw.Control(func(fd uintptr) {
			left, err1 = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
			failure, err2 = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		})
		switch {
		case err != nil || err1 != nil || err2 != nil:
			return errors.Join(err, err1, err2)
		case failure != 0:
			return unix.Errno(failure)
		case left == 0:
			return nil
		case !time.Now().Before(end):
			return os.ErrDeadlineExceeded
		}
		time.Sleep(time.Millisecond)
	}
}
