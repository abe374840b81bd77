package exercise

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// Drain asks the kernel whether somebody waits, and sends the results through a channel.
func Drain(listener *net.TCPListener, serve func(net.Conn), grace time.Duration) (served, ended int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	results := make(chan bool)
	accepted := 0
	for {
		var conn *net.TCPConn
		conn, err = drainAccept(listener)
		if conn == nil {
			break
		}
		accepted++
		go func() { results <- drainOne(ctx, conn, serve) }()
	}
	closed := listener.Close()
	for range accepted {
		if <-results {
			served++
		} else {
			ended++
		}
	}
	return served, ended, errors.Join(err, closed)
}

// drainAccept gives a connection that waits, or nil.
func drainAccept(listener *net.TCPListener) (*net.TCPConn, error) {
	raw, err := listener.SyscallConn()
	if err != nil {
		return nil, err
	}
	var conn *net.TCPConn
	var failed error
	err = raw.Control(func(fd uintptr) {
		accepted, _, err := syscall.Accept4(int(fd), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err != nil {
			failed = err
			return
		}
		file := os.NewFile(uintptr(accepted), "")
		defer file.Close()
		made, err := net.FileConn(file)
		if err == nil {
			conn = made.(*net.TCPConn)
		}
		failed = err
	})
	if errors.Is(failed, syscall.EAGAIN) {
		failed = nil
	}
	return conn, errors.Join(err, failed)
}

func drainOne(ctx context.Context, conn *net.TCPConn, serve func(net.Conn)) (isServed bool) {
	defer conn.Close()
	var isDecided atomic.Bool // by the end of grace, or by serve
	stop := context.AfterFunc(ctx, func() {
		if isDecided.CompareAndSwap(false, true) {
			conn.SetLinger(0)
			conn.Close()
		}
	})
	defer stop()
	serve(conn)
	if !isDecided.CompareAndSwap(false, true) {
		return false
	}
	conn.CloseWrite()
	until, _ := ctx.Deadline()
	conn.SetReadDeadline(until)
	buf := make([]byte, 4096)
	for {
		if _, err := conn.Read(buf); err != nil {
			return true
		}
	}
}
