package exercise

import (
	"bufio"
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Serve is as late as it may be: a probe when the silence is over, and a second for its answer. It echoes by a
// bufio.Reader.
func Serve(listener *net.TCPListener, silence time.Duration) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // which closes all connections
	for {
		conn, err := listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil {
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		context.AfterFunc(ctx, func() { conn.Close() })
		go serveOne(conn, silence)
	}
}

func serveOne(conn *net.TCPConn, silence time.Duration) {
	defer conn.Close()
	err := conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: silence, Interval: time.Second, Count: 1})
	if err != nil {
		return
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		most := int((silence + time.Second) / time.Millisecond)
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, most)
	})
	if err == nil {
		bufio.NewReaderSize(conn, 4096).WriteTo(conn)
	}
}
