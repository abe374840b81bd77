package lab04_compare

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// defense is what our side does to avoid waiting forever.
type defense struct {
	name string

	dials, writes time.Duration // the timeouts of a connect, and of a write
	answers       time.Duration // the timeout of an answer, counted from our request
	reads         time.Duration // the timeout of every read, also of one on an idle connection

	keepalive   net.KeepAliveConfig
	userTimeout time.Duration
	heartbeat   time.Duration // between pings
	silence     time.Duration // with a heartbeat: how long a peer may send nothing before it counts as dead

	watched     time.Duration // how long we watch; if zero, as long as the table does
	idleTimeout time.Duration // the middlebox's idle timeout; if zero, as in the table
}

var probing = net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}

// The columns of the table. "both" is the chapter's advice: timeouts for active calls,
// keepalive for idle connections.
var (
	none                    = defense{name: "none"}
	timeout                 = defense{name: "timeout", dials: giveUp, writes: giveUp, reads: giveUp}
	keepalive               = defense{name: "keepalive", keepalive: probing}
	both                    = defense{name: "both", dials: giveUp, writes: giveUp, answers: giveUp, keepalive: probing}
	userTimeout             = defense{name: "user timeout", userTimeout: giveUp}
	keepaliveAndUserTimeout = defense{name: "keepalive, user timeout", keepalive: probing, userTimeout: giveUp}
	heartbeat               = defense{name: "heartbeat", heartbeat: beat, silence: giveUp}
)

// observation is how long we watch.
func (d defense) observation() time.Duration { return cmp.Or(d.watched, observation) }

// defend sets the options of the connection. With a heartbeat, it also pings until ctx ends.
func (d defense) defend(ctx context.Context, conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	if d.heartbeat > 0 {
		go ping(ctx, conn, d.heartbeat)
	}
	return errors.Join(conn.SetKeepAliveConfig(d.keepalive), d.setUserTimeout(raw))
}

func (d defense) setUserTimeout(conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.userTimeout.Milliseconds()))
	})
	return errors.Join(err, failed)
}

// ping sends pings to the application on the other side, until ctx ends.
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
			return // the call that reads also gets an error
		}
	}
}

// dial connects, with the defense's limits for a connect that nobody answers.
func (d defense) dial(ctx context.Context, address string) error {
	dialer := net.Dialer{
		Timeout: d.dials,
		Control: func(_, _ string, conn syscall.RawConn) error { return d.setUserTimeout(conn) },
	}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

func (d defense) write(conn *net.TCPConn, message []byte) error {
	if d.writes > 0 {
		if err := conn.SetWriteDeadline(time.Now().Add(d.writes)); err != nil {
			return err
		}
		defer conn.SetWriteDeadline(time.Time{}) // otherwise this deadline would apply to the next ping, too
	}
	_, err := conn.Write(message)
	return err
}

// send returns the error of the call that ends first: the write or, with a heartbeat, the read that waits for the pongs.
func (d defense) send(conn *net.TCPConn, message []byte) error {
	ended := make(chan error, 2)
	go func() { ended <- d.write(conn, message) }()
	if d.heartbeat > 0 {
		go func() { ended <- d.read(conn) }()
	}
	return <-ended
}

// read waits for whatever may come.
func (d defense) read(conn *net.TCPConn) error { return d.readUntil(conn, time.Time{}) }

// readAnswer waits for the answer to our request.
func (d defense) readAnswer(conn *net.TCPConn) error {
	if d.answers == 0 {
		return d.read(conn)
	}
	return d.readUntil(conn, time.Now().Add(d.answers))
}

// readUntil waits for a line other than the answer to a ping, with a deadline for each read, and one for all of them.
func (d defense) readUntil(conn *net.TCPConn, end time.Time) error {
	perRead := d.reads
	if d.heartbeat > 0 && (perRead == 0 || d.silence < perRead) {
		perRead = d.silence
	}
	lines := bufio.NewReader(conn)
	for {
		deadline := end
		if now := time.Now(); perRead > 0 && (end.IsZero() || now.Add(perRead).Before(end)) {
			deadline = now.Add(perRead)
		}
		if err := conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		line, err := lines.ReadString('\n')
		if err != nil || line != "pong\n" {
			return err
		}
	}
}
