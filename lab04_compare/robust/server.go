// Package robust is what a reader of the labs takes home: a server that uses time-outs and keepalive
// together, as the chapter advises, and a function that says what a socket's error means.
//
// The server echoes lines, so that nothing stands between the reader and the sockets. To serve
// something else, replace the one line that makes the answer.
//
// It works on every system. TCP_USER_TIMEOUT is Linux's own, though: elsewhere, a client that
// vanishes while an answer is on its way is held for as long as its system keeps sending.
package robust

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Limits says how long a client may hold the server up, and with how much.
type Limits struct {
	Request time.Duration // from a request's first byte to its last
	Answer  time.Duration // until the kernel has taken the whole answer

	// While no request is under way there is no time-out: a client may be idle for as long as it is
	// there. Keepalive asks whether it is: after Idle of silence, Count times, every Interval. All
	// are whole seconds, as the kernel counts them.
	Idle, Interval time.Duration
	Count          int

	Line    int // bytes of a request; at least 16
	Buffer  int // bytes of answers that the kernel keeps for a client that does not read: SO_SNDBUF
	Clients int // served at once; others wait to be accepted
}

// DefaultLimits suit people at keyboards and programs in other cities.
var DefaultLimits = Limits{
	Request: 10 * time.Second, Answer: 10 * time.Second,
	Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	Line: 4 << 10, Buffer: 64 << 10, Clients: 10_000,
}

// silence is how long a client may be unheard of before the kernel gives it up.
func (l Limits) silence() time.Duration { return l.Idle + time.Duration(l.Count)*l.Interval }

// GivesBackWithin is how long the server holds what a client used, at most, after the client has
// failed: its place, its descriptor, its goroutine and its buffers.
//
// An active client is held for one request and one answer. An idle or an unreachable one is held for
// the silence that keepalive and TCP_USER_TIMEOUT allow. To that the kernel adds two times: it counts
// TCP_USER_TIMEOUT from the first time that it sends again, which is up to a second after the data
// (TCP_TIMEOUT_INIT, RFC 6298) on all but very slow paths; and its timers may be an eighth late.
func (l Limits) GivesBackWithin() time.Duration {
	const firstResend = 1 * time.Second
	kernel := l.silence() + firstResend
	return max(l.Request+l.Answer, kernel+kernel/8)
}

// Listen returns a listener for Serve. It asks for plain TCP: since Go 1.24, net.Listen opens
// Multipath TCP listeners on Linux, whose connections don't know TCP_USER_TIMEOUT.
func Listen(ctx context.Context, address string) (*net.TCPListener, error) {
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("robust: %w", err)
	}
	return listener.(*net.TCPListener), nil
}

// Serve answers each line of each client with the same line. When ctx ends it closes the listener,
// lets go of idle clients, finishes the requests that have begun, each within its limits, and returns
// nil. It returns an error only if the listener fails for good.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	context.AfterFunc(ctx, func() { listener.Close() })

	places := make(chan struct{}, limits.Clients)
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		conn, err := accept(ctx, listener)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("robust: accept: %w", err)
		}
		clients.Go(func() {
			defer func() { <-places }()
			c := client{conn: conn, limits: limits, requests: bufio.NewReaderSize(conn, limits.Line)}
			c.serve(ctx)
		})
	}
}

// accept waits for the next client. A process that is out of descriptors for a moment goes on when
// some are free again; the kernel keeps the callers waiting meanwhile.
func accept(ctx context.Context, listener *net.TCPListener) (*net.TCPConn, error) {
	const breath = 50 * time.Millisecond
	for {
		conn, err := listener.AcceptTCP()
		if err == nil || errors.Is(err, net.ErrClosed) {
			return conn, err
		}
		slog.Warn("robust: accept", "error", err)
		select {
		case <-time.After(breath):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// client is one connection, from accept to close.
type client struct {
	conn     *net.TCPConn
	limits   Limits
	requests *bufio.Reader

	mu   sync.Mutex
	idle bool // no request is under way
}

// serve answers the client's requests until it leaves, fails, or ctx ends.
func (c *client) serve(ctx context.Context) {
	defer c.conn.Close()
	defer context.AfterFunc(ctx, c.endIdling)()
	err := errors.Join(c.watch(), c.conn.SetWriteBuffer(c.limits.Buffer))
	for stopping := false; err == nil && !stopping; {
		stopping = ctx.Err() != nil // a request that has begun is finished, and no other
		var request []byte
		if request, err = c.nextRequest(ctx); err == nil {
			err = c.answer(request) // the echo
		}
	}
	if err == io.EOF || ctx.Err() != nil { // it said goodbye, or we do
		return
	}
	slog.Debug("robust: client dropped", "client", c.conn.RemoteAddr(), "meaning", MeaningOf(err), "error", err)
	// What it has not taken yet, it never will: without SO_LINGER 0 the kernel would keep trying.
	c.conn.SetLinger(0)
}

// watch has the kernel look after the client while the server does not wait for it: keepalive where
// nothing is under way, TCP_USER_TIMEOUT where data is and keepalive looks away.
func (c *client) watch() error {
	err := c.conn.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: true, Idle: c.limits.Idle, Interval: c.limits.Interval, Count: c.limits.Count,
	})
	return errors.Join(err, setUserTimeout(c.conn, c.limits.silence()))
}

// nextRequest waits for the first byte of a request for as long as the client likes, and for the
// rest of it within the limit. That is one deadline for all of it, not one for each read: a client
// that sends a byte now and then does not move it.
func (c *client) nextRequest(ctx context.Context) ([]byte, error) {
	if c.requests.Buffered() == 0 && !c.beginIdling(ctx) {
		return nil, ctx.Err()
	}
	_, err := c.requests.Peek(1)
	c.beginRequest()
	if err != nil {
		return nil, err
	}
	request, err := c.requests.ReadSlice('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // it left in the middle of a request
	}
	return request, err
}

func (c *client) answer(line []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.limits.Answer)); err != nil {
		return err
	}
	_, err := c.conn.Write(line)
	return err
}

// beginIdling takes the deadline away, unless ctx has ended.
func (c *client) beginIdling(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = ctx.Err() == nil
	c.conn.SetReadDeadline(time.Time{})
	return c.idle
}

func (c *client) beginRequest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = false
	c.conn.SetReadDeadline(time.Now().Add(c.limits.Request))
}

// endIdling frees a read that waits for a request, by a deadline in the past. A request that has
// begun keeps its own.
func (c *client) endIdling() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle {
		c.conn.SetReadDeadline(time.Unix(1, 0))
	}
}
