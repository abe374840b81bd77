package exercise

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// EndConversation writes in one goroutine and reads in another, and asks the kernel's table when its own entry is gone.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) (err error) {
	over := time.Now().Add(patience)
	defer func() {
		if err != nil {
			conn.SetLinger(0)
			err = fmt.Errorf("the conversation with %v: %w", conn.RemoteAddr(), err)
		}
		conn.Close()
	}()
	conn.SetDeadline(over)
	written := make(chan error, 1)
	go func() {
		_, err := conn.Write(answer)
		written <- err
	}()
	read := endConversationRead(conn)
	if read != nil {
		conn.SetWriteDeadline(time.Unix(1, 0)) // frees the writer
		<-written
		return read
	}
	if err := <-written; err != nil {
		return err
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	for endConversationStands(conn) {
		if time.Now().After(over) {
			return os.ErrDeadlineExceeded
		}
		time.Sleep(5 * time.Millisecond)
	}
	return endConversationFailure(conn)
}

func endConversationRead(conn *net.TCPConn) error {
	var words [100]byte
	for {
		if _, err := conn.Read(words[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func endConversationStands(conn *net.TCPConn) bool {
	table, err := SocketTable()
	if err != nil {
		return false
	}
	for _, s := range table {
		if s.Local.String() == conn.LocalAddr().String() && s.Remote.String() == conn.RemoteAddr().String() {
			return true
		}
	}
	return false
}

func endConversationFailure(conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	failure := 0
	raw.Control(func(fd uintptr) { failure, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR) })
	if failure != 0 {
		return unix.Errno(failure)
	}
	return err
}
