package robust

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"
)

// client is one connection, from accept to close.
type client struct {
	conn     *net.TCPConn
	limits   Limits
	requests *bufio.Reader

	// withoutUserTimeout: the kernel has refused TCP_USER_TIMEOUT, so we limit unacknowledged answers ourselves.
	withoutUserTimeout bool

	mu   sync.Mutex
	idle bool // no request is in flight
}

var (
	errStopping       = fmt.Errorf("the server stops: %w", context.Canceled)
	errUnacknowledged = fmt.Errorf("an answer stays unacknowledged: %w", timedOut) // as the kernel would say
)

// serve answers the client's requests until the client leaves or fails, or ctx ends.
func (c *client) serve(ctx context.Context) {
	defer c.conn.Close()
	defer context.AfterFunc(ctx, c.endIdling)()
	err := c.watch()
	for err == nil {
		stopping := ctx.Err() != nil // then finish the request that has begun, and no other
		var request []byte
		if request, err = c.nextRequest(ctx); err == nil {
			err = c.answer(request) // the echo
		}
		if err == nil && stopping {
			err = errStopping
		}
	}
	slog.Debug("robust: client gone", "client", c.conn.RemoteAddr(), "meaning", MeaningOf(err), "error", err)
	switch err {
	case io.EOF: // the client has left
	case errStopping:
		c.sayGoodbye()
	default:
		// The client has failed, and will never take the rest of its answers. Without SO_LINGER 0, the kernel would go on
		// trying to send these answers.
		c.conn.SetLinger(0)
	}
}

// watch makes the kernel watch the client while the server sets no deadline: with keepalive while no data is in
// flight, and with TCP_USER_TIMEOUT while data is in flight, because keepalive sends no probes then.
func (c *client) watch() (err error) {
	c.withoutUserTimeout, err = setUserTimeout(c.conn, c.limits.silence())
	return errors.Join(err, c.conn.SetWriteBuffer(c.limits.Buffer), c.conn.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: true, Idle: c.limits.Idle, Interval: c.limits.Interval, Count: c.limits.Count,
	}))
}

// nextRequest waits for a request to begin, and then for the rest of it within the limit. There is one deadline for the
// whole rest, not one for each read: a client that sends a byte now and then does not move the deadline.
func (c *client) nextRequest(ctx context.Context) ([]byte, error) {
	if err := c.awaitRequest(ctx); err != nil {
		return nil, err
	}
	c.conn.SetReadDeadline(time.Now().Add(c.limits.Request))
	request, err := c.requests.ReadSlice('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // the client left in the middle of a request
	}
	return request, err
}

// awaitRequest waits for the first byte of a request for as long as the client likes. But if the kernel has refused
// TCP_USER_TIMEOUT, the client must acknowledge all answers within the time that the option would have set.
func (c *client) awaitRequest(ctx context.Context) error {
	for c.requests.Buffered() == 0 {
		err := c.awaitByte(ctx)
		switch {
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case ctx.Err() != nil:
			return errStopping
		case !acknowledged(c.conn):
			return errUnacknowledged
		}
	}
	return nil
}

func (c *client) awaitByte(ctx context.Context) error {
	if !c.beginIdling(ctx) {
		return errStopping
	}
	_, err := c.requests.Peek(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = false
	return err
}

// beginIdling removes the read deadline. But if the kernel has refused TCP_USER_TIMEOUT, beginIdling sets a deadline, for the
// next check of unacknowledged answers. It returns false if ctx has ended.
func (c *client) beginIdling(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = ctx.Err() == nil
	var deadline time.Time
	if c.withoutUserTimeout {
		deadline = time.Now().Add(c.limits.silence())
	}
	c.conn.SetReadDeadline(deadline)
	return c.idle
}

// endIdling ends a read that waits for a request, by setting a deadline in the past. A request that has begun keeps its own
// deadline.
func (c *client) endIdling() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle {
		c.conn.SetReadDeadline(time.Unix(0, 0))
	}
}

func (c *client) answer(line []byte) error {
	c.conn.SetWriteDeadline(time.Now().Add(c.limits.Answer))
	_, err := c.conn.Write(line)
	return err
}

// sayGoodbye lets every answer arrive before the connection is closed. If we close while requests are unread, or still
// arrive, the kernel sends a reset (RFC 2525, section 2.17). A reset discards answers that are on their way. So
// sayGoodbye closes only our direction, and reads until the client closes its own. A client that reads EOF has read all
// answers before it.
func (c *client) sayGoodbye() {
	if c.requests.Buffered() == 0 && settled(c.conn) {
		return // nothing can be lost
	}
	c.conn.CloseWrite()
	c.conn.SetReadDeadline(time.Now().Add(c.limits.Answer))
	io.Copy(io.Discard, c.conn)
}
