package exercise

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Serve has a buffer for each client, waits longer each time that accept fails, and knows which connections are
// open. Its probes begin a second before the silence is over.
func Serve(listener *net.TCPListener, silence time.Duration) error {
	var clients sync.WaitGroup
	var open sync.Map // of connections
	defer clients.Wait()
	defer open.Range(func(conn, _ any) bool {
		conn.(net.Conn).Close()
		return true
	})
	pause := 5 * time.Millisecond
	for {
		conn, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			time.Sleep(pause)
			pause = min(2*pause, 200*time.Millisecond)
			continue
		}
		pause = 5 * time.Millisecond
		clients.Add(1)
		open.Store(conn, nil)
		go func() {
			defer clients.Done()
			defer open.Delete(conn)
			defer conn.Close()
			serveClient(conn.(*net.TCPConn), int(silence/time.Second))
		}()
	}
}

func serveClient(conn *net.TCPConn, seconds int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	raw.Control(func(fd uintptr) {
		set := func(level, option, value int) {
			if failed == nil {
				failed = os.NewSyscallError("setsockopt", syscall.SetsockoptInt(int(fd), level, option, value))
			}
		}
		set(syscall.SOL_TCP, syscall.TCP_KEEPIDLE, max(seconds-1, 1))
		set(syscall.SOL_TCP, syscall.TCP_KEEPINTVL, 1)
		set(syscall.SOL_TCP, syscall.TCP_KEEPCNT, 1)
		set(syscall.SOL_TCP, 18, 1000*seconds) // TCP_USER_TIMEOUT
		set(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
	})
	if failed != nil {
		return failed
	}
	said := make([]byte, 32<<10)
	for {
		n, err := conn.Read(said)
		if n > 0 {
			if _, err := conn.Write(said[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}
