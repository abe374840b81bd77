package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// scripted is a net.Conn in the grader's process. Its reads return the results of a script. Its writes take as many bytes as the script
// has room for. If there is no result, or no room, reads and writes wait until their deadline.
type scripted struct {
	// SetReadDeadline and SetWriteDeadline call these first. If one returns an error, the deadline is refused.
	settingRead, settingWrite func(moment time.Time) error

	mu      sync.Mutex
	changed *sync.Cond // signals that a field below has changed

	results       []scriptedRead // of the next reads
	ends          error          // what a read returns when no results are left; if nil, the read waits
	withTimeout   []byte         // a read that times out returns these bytes together with its error
	afterTimeout  []byte         // these bytes come directly after a read has timed out
	reads         []begunRead
	given         int           // how many bytes reads have returned
	room          int           // how many more bytes writes take
	first         time.Duration // how long the first write waits before it begins to take bytes
	taken         []byte        // from writes
	fails         error         // what a write returns when no room is left; if nil, the write waits
	late          time.Duration // how long a write waits before it returns that error
	writes        []scriptedWrite
	writing       int       // how many writes have not returned
	readBy        time.Time // the deadlines in force
	writeBy       time.Time
	writeSettings int // how often the write deadline was set
	closed        bool
}

type scriptedRead struct {
	data   []byte
	err    error
	noRoom bool          // the read's buffer has no room
	after  time.Duration // how long after the beginning of the read the result comes
}

// begunRead is a read that has begun.
type begunRead struct {
	at   time.Time
	by   time.Time // the deadline in force when it began
	room int       // the length of its buffer
}

// scriptedWrite is a write that has returned.
type scriptedWrite struct {
	took  time.Duration
	err   error
	taken int // how many bytes all writes so far have taken
	began time.Time
	by    time.Time // the deadline in force when it began
}

func newScripted(results ...scriptedRead) *scripted {
	accepts := func(time.Time) error { return nil }
	c := &scripted{results: results, settingRead: accepts, settingWrite: accepts}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// change runs change with mu held, and wakes up the calls that wait.
func (c *scripted) change(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	c.changed.Broadcast()
}

// await waits until state returns true, or the time is over. It reports whether state has returned true.
func (c *scripted) await(state func() bool, within time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	until := time.Now().Add(within)
	return c.wait(&until, state) == nil
}

// wait waits, with mu held, until isSo returns true. If the deadline has passed, wait returns a timeout in any case, as package net does.
func (c *scripted) wait(deadline *time.Time, isSo func() bool) error {
	for {
		switch {
		case !deadline.IsZero() && !time.Now().Before(*deadline):
			return timeoutError()
		case isSo():
			return nil
		case c.closed:
			return net.ErrClosed
		}
		stop := func() bool { return true }
		if !deadline.IsZero() {
			stop = time.AfterFunc(time.Until(*deadline), func() { c.change(func() {}) }).Stop
		}
		c.changed.Wait()
		stop()
	}
}

// timeoutErrors are errors in which errors.Is finds os.ErrDeadlineExceeded.
var timeoutErrors = []error{
	os.ErrDeadlineExceeded,
	&net.OpError{Op: "read", Net: "tunnel", Err: os.ErrDeadlineExceeded},
	fmt.Errorf("the tunnel: %w", os.ErrDeadlineExceeded),
	errors.Join(errors.New("the tunnel waits"), os.ErrDeadlineExceeded),
	fmt.Errorf("the tunnel: %w", &net.OpError{Op: "wait", Net: "tunnel", Err: os.ErrDeadlineExceeded}),
	slowTunnel{}, lateTunnel{}, calmTunnel{},
}

var timeouts = rand.Uint32() // the number of timeouts; begins anywhere

// timeoutError returns each of timeoutErrors in turn.
func timeoutError() error {
	return timeoutErrors[atomic.AddUint32(&timeouts, 1)%uint32(len(timeoutErrors))]
}

// slowTunnel is a timeout error without the usual words in its text.
type slowTunnel struct{}

func (slowTunnel) Error() string { return "the tunnel is slow" }
func (slowTunnel) Unwrap() error { return os.ErrDeadlineExceeded }

// lateTunnel is a timeout error that only its method Is tells: it wraps nothing.
type lateTunnel struct{}

func (lateTunnel) Error() string        { return "the tunnel is late" }
func (lateTunnel) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// calmTunnel is a timeout error that is a net.Error, and whose method Timeout returns false.
type calmTunnel struct{ slowTunnel }

func (calmTunnel) Timeout() bool   { return false }
func (calmTunnel) Temporary() bool { return false }

func (c *scripted) Read(buf []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads = append(c.reads, begunRead{time.Now(), c.readBy, len(buf)})
	c.changed.Broadcast()
	if err := c.wait(&c.readBy, func() bool { return len(c.results) > 0 || c.ends != nil }); err != nil {
		n := copy(buf, c.withTimeout)
		c.withTimeout = c.withTimeout[n:]
		if len(c.afterTimeout) > 0 {
			c.results, c.afterTimeout = append(c.results, scriptedRead{data: c.afterTimeout}), nil
		}
		return n, err
	}
	if len(c.results) == 0 {
		return 0, c.ends
	}
	next := &c.results[0]
	n := copy(buf, next.data)
	c.given += n
	if next.data = next.data[n:]; len(next.data) > 0 {
		return n, nil
	}
	err := next.err
	c.results = c.results[1:]
	return n, err
}

func (c *scripted) Write(data []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	began, by := time.Now(), c.writeBy
	c.writing++
	defer func() {
		c.writing--
		c.writes = append(c.writes, scriptedWrite{time.Since(began), err, len(c.taken), began, by})
		c.changed.Broadcast()
	}()
	if c.first > 0 {
		slow := time.AfterFunc(c.first, func() { c.change(func() { c.first = 0 }) })
		defer slow.Stop()
		if err := c.wait(&c.writeBy, func() bool { return c.first == 0 }); err != nil {
			return 0, err
		}
	}
	for n < len(data) || len(data) == 0 && len(c.taken) > 0 && c.room == 0 { // an empty write waits, too, as on a net.Pipe
		if c.room == 0 && c.fails != nil {
			time.Sleep(c.late)
			return n, c.fails
		}
		if err := c.wait(&c.writeBy, func() bool { return c.room > 0 || c.fails != nil }); err != nil {
			return n, err
		}
		some := min(c.room, len(data)-n)
		c.taken = append(c.taken, data[n:n+some]...)
		c.room -= some
		n += some
	}
	return n, nil
}

func (c *scripted) Close() error {
	c.change(func() { c.closed = true })
	return nil
}

func (c *scripted) SetReadDeadline(moment time.Time) error {
	if err := c.settingRead(moment); err != nil {
		return err
	}
	c.change(func() { c.readBy = moment })
	return nil
}

func (c *scripted) SetWriteDeadline(moment time.Time) error {
	if err := c.settingWrite(moment); err != nil {
		return err
	}
	c.change(func() {
		c.writeBy = moment
		c.writeSettings++
	})
	return nil
}

func (c *scripted) SetDeadline(moment time.Time) error {
	return errors.Join(c.SetReadDeadline(moment), c.SetWriteDeadline(moment))
}

func (c *scripted) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv6loopback, Port: 1} }
func (c *scripted) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv6loopback, Port: 2} }

// deadlines returns the deadlines in force.
func (c *scripted) deadlines() (read, write time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.readBy, c.writeBy
}

// lastRead is the read that began last.
func (c *scripted) lastRead() (last begunRead) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.reads) > 0 {
		last = c.reads[len(c.reads)-1]
	}
	return last
}
