package exercise

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Serve has a goroutine for each client. Keepalive ends its read when nothing is under way and the client
// is gone, and TCP_USER_TIMEOUT when an answer is. When accept fails, it may succeed a moment later. All connections
// are closed when the listener is.
func Serve(listener *net.TCPListener, silence time.Duration) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, end := context.WithCancel(context.Background())
	defer end()
	for {
		conn, err := listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		clients.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			if serveWatched(conn, silence) == nil {
				io.Copy(conn, conn)
			}
		})
	}
}

// serveWatched gives both watchers the same time. TCP_USER_TIMEOUT also says which probe is the last: the
// first that is over when the time is.
func serveWatched(conn *net.TCPConn, silence time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	})
	interval := max(silence/4, time.Second).Truncate(time.Second)
	return errors.Join(err, failed, conn.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable:   true,
		Idle:     max(silence-2*interval, time.Second),
		Interval: interval,
	}))
}
