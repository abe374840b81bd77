package exercise

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// EndConversation has a context that ends with patience, and a deadline only when the context is over. It asks the
// kernel how many bytes are unacknowledged; the FIN counts as one.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })
	defer stop()
	err := func() error {
		if _, err := io.Copy(conn, bytes.NewReader(answer)); err != nil {
			return err
		}
		if _, err := conn.WriteTo(io.Discard); err != nil {
			return err
		}
		if err := conn.CloseWrite(); err != nil {
			return err
		}
		return endConversationSettled(ctx, conn)
	}()
	if err != nil {
		conn.SetLinger(0)
	}
	return errors.Join(err, conn.Close())
}

func endConversationSettled(ctx context.Context, conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		var state uint8
		var failure, unacknowledged int
		raw.Control(func(fd uintptr) {
			var info *unix.TCPInfo
			if info, err = unix.GetsockoptTCPInfo(int(fd), unix.SOL_TCP, unix.TCP_INFO); err == nil {
				state, unacknowledged = info.State, int(info.Unacked)+int(info.Notsent_bytes)
			}
			failure, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		})
		switch {
		case err != nil:
			return err
		case failure != 0:
			return os.NewSyscallError("read", unix.Errno(failure))
		case state == 7 || unacknowledged == 0: // 7: CLOSE
			return nil
		}
		select {
		case <-ctx.Done():
			return os.ErrDeadlineExceeded
		case <-tick.C:
		}
	}
}
