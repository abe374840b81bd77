package lab04_compare

import (
	"bufio"
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// defence is what our side does so as not to wait for ever.
type defence struct {
	name string

	activeCalls time.Duration // the deadline of a call that gets something done: connect, send, receive an answer
	idleReads   time.Duration // the deadline of a read that waits for whatever may come

	keepalive   net.KeepAliveConfig
	userTimeout time.Duration
	heartbeat   time.Duration // between pings; the answers are due within giveUp
}

var probing = net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}

// The columns of the table. "both" is the chapter's advice: timeouts for active calls,
// keepalive for idle connections.
var (
	none                    = defence{name: "none"}
	timeout                 = defence{name: "timeout", activeCalls: giveUp, idleReads: giveUp}
	keepalive               = defence{name: "keepalive", keepalive: probing}
	both                    = defence{name: "both", activeCalls: giveUp, keepalive: probing}
	userTimeout             = defence{name: "user timeout", userTimeout: giveUp}
	keepaliveAndUserTimeout = defence{name: "keepalive, user timeout", keepalive: probing, userTimeout: giveUp}
	heartbeat               = defence{name: "heartbeat", heartbeat: beat}
)

// defend sets up what belongs to the connection, until ctx ends.
func (d defence) defend(ctx context.Context, conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	if d.heartbeat > 0 {
		go ping(ctx, conn, d.heartbeat)
	}
	return errors.Join(conn.SetKeepAliveConfig(d.keepalive), d.setUserTimeout(raw))
}

func (d defence) setUserTimeout(conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.userTimeout.Milliseconds()))
	})
	return errors.Join(err, failed)
}

// ping asks the application on the other side, again and again, whether it is there.
func ping(ctx context.Context, conn *net.TCPConn, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := conn.Write([]byte("ping\n")); err != nil {
			return // the reader finds out why
		}
	}
}

// dial connects, with what the defence has against a connect that nobody answers.
func (d defence) dial(ctx context.Context, address string) error {
	dialer := net.Dialer{
		Timeout: d.activeCalls,
		Control: func(_, _ string, conn syscall.RawConn) error { return d.setUserTimeout(conn) },
	}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

func (d defence) write(conn *net.TCPConn, message []byte) error {
	if d.activeCalls > 0 {
		if err := conn.SetWriteDeadline(time.Now().Add(d.activeCalls)); err != nil {
			return err
		}
	}
	_, err := conn.Write(message)
	return err
}

// send says first what ends first: sending, or, with a heartbeat, waiting for its answers.
func (d defence) send(conn *net.TCPConn, message []byte) error {
	ended := make(chan error, 2)
	go func() { ended <- d.write(conn, message) }()
	if d.heartbeat > 0 {
		go func() { ended <- d.read(conn, giveUp) }()
	}
	return <-ended
}

// read waits for a line other than the answer to a ping, with a deadline for each call.
func (d defence) read(conn *net.TCPConn, perCall time.Duration) error {
	if d.heartbeat > 0 {
		perCall = giveUp
	}
	lines := bufio.NewReader(conn)
	for {
		if perCall > 0 {
			if err := conn.SetReadDeadline(time.Now().Add(perCall)); err != nil {
				return err
			}
		}
		line, err := lines.ReadString('\n')
		if err != nil || line != "pong\n" {
			return err
		}
	}
}
