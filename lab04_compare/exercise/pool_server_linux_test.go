package exercise_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// pool is a Pool of the student's code, and its server, which the grader plays.
type pool struct {
	t        *testing.T
	g        *grading.Grader
	handle   grading.Handle[*exercise.Pool]
	listener *net.TCPListener
	stopped  chan struct{} // closed when nobody accepts any more
	said     int           // how many times the server has sent something unasked

	mu    sync.Mutex
	conns map[string]*net.TCPConn // the server's ends, by the client's address
}

func newPoolOf(t *testing.T, g *grading.Grader, maxIdle time.Duration, keep int) *pool {
	t.Helper()
	return newPoolAt(t, g, harness.Loopback(), maxIdle, keep)
}

func newPoolAt(t *testing.T, g *grading.Grader, address string, maxIdle time.Duration, keep int) *pool {
	t.Helper()
	p := &pool{t: t, g: g, listener: peer.ListenAtNoKeepalive(g.Experiment, address), stopped: make(chan struct{}), conns: make(map[string]*net.TCPConn)}
	g.Experiment.Go(p.accept)
	g.Prepare("a Pool", func() { p.handle = newPool.On(g, poolOf{p.listener.Addr().String(), maxIdle, keep}) })
	g.AtEnd(func() { p.listener.Close() })
	return p
}

// end closes the pool, so that none of its connections is left.
func (p *pool) end() {
	if !p.t.Failed() {
		p.g.Call("Close", 0, waitsFor("close"), func() { closePool.On(p.g, p.handle) })
	}
}

func (p *pool) accept() {
	defer close(p.stopped)
	for {
		conn, err := p.listener.AcceptTCP()
		if err != nil {
			return
		}
		p.g.Own(conn)
		p.mu.Lock()
		p.conns[conn.RemoteAddr().String()] = conn
		p.mu.Unlock()
	}
}

// await waits until isSo returns true. If that takes too long, the grading ends with the finding.
func (p *pool) await(isSo func() bool, f grading.Finding) {
	p.t.Helper()
	p.awaitOrSee(isSo, func() grading.Finding { return f })
}

// awaitOrSee is like await, but f makes the finding from what the grader sees last.
func (p *pool) awaitOrSee(isSo func() bool, f func() grading.Finding) {
	p.t.Helper()
	for limit := time.Now().Add(grading.Patience); !isSo(); time.Sleep(2 * time.Millisecond) {
		p.g.Expect(time.Now().Before(limit), f())
	}
}

// accepted returns the server's end of a connection.
func (p *pool) accepted(c pooled) (conn *net.TCPConn) {
	p.t.Helper()
	p.await(func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		conn = p.conns[c.Local]
		return conn != nil
	}, grading.Finding{
		Sentence: "connects", Mistake: "Get gives a connection that isn't one to the pool's server",
		Expected: "a connection to " + p.listener.Addr().String(), Seen: "the server has not accepted a connection from " + c.Local,
	})
	return conn
}

// waitsFor returns the finding on a call that does not return.
func waitsFor(sentence string) grading.Finding {
	return grading.Finding{Sentence: sentence, Mistake: "a call of the pool goes on waiting, although it could return", Expected: "it returns"}
}

func (p *pool) tryGet(ifHangs string, until time.Duration) (c pooled, err error) {
	p.t.Helper()
	p.g.Call("Get", 0, waitsFor(ifHangs), func() { c = getPooled.On(p.g, toGet{Pool: p.handle, Until: until}) })
	return c, c.Err.Err()
}

// get calls Get, and expects a connection.
func (p *pool) get(sentence string) pooled {
	p.t.Helper()
	c, err := p.tryGet(sentence, time.Hour)
	p.expectGot(sentence, c, err)
	return c
}

func (p *pool) expectGot(sentence string, c pooled, err error) {
	p.t.Helper()
	p.g.Expect(err == nil && c.Local != "", grading.Finding{
		Sentence: sentence, Mistake: "Get gives no connection", Expected: "a connection: the server listens", Seen: fmt.Sprintf("the error: %v", err),
	})
}

// expectSame calls Get, and expects the connection that was put last, which is want.
func (p *pool) expectSame(sentence string, want pooled) pooled {
	p.t.Helper()
	got, err := p.tryGet("no-wait", time.Hour)
	p.expectGot(sentence, got, err)
	p.g.Expect(got.Local == want.Local, grading.Finding{
		Sentence: sentence, Mistake: "Get doesn't give the connection that was put last", Expected: want.Local + ", which can be used", Seen: got.Local,
	})
	return got
}

func (p *pool) put(c pooled) {
	p.t.Helper()
	p.g.Call("Put", 0, waitsFor("no-wait"), func() { putPooled.On(p.g, toPut{Pool: p.handle, Conn: c.Conn}) })
}

// putKeeping puts a connection that will be put again.
func (p *pool) putKeeping(c pooled) {
	p.t.Helper()
	p.g.Call("Put", 0, waitsFor("no-wait"), func() { putPooled.On(p.g, toPut{Pool: p.handle, Conn: c.Conn, Again: true}) })
}

func (p *pool) spoil(s spoil) {
	p.t.Helper()
	p.g.Prepare("what the caller does", func() { require.NoError(p.t, spoilPooled.On(p.g, s).Err()) })
}

// ask sends a question on a connection, and expects that it can be sent and answered.
func (p *pool) ask(sentence string, c pooled) {
	p.t.Helper()
	server, question := p.accepted(c), []byte(grading.Text(10))
	p.g.Experiment.Go(func() {
		got := make([]byte, len(question))
		if _, err := io.ReadFull(server, got); err == nil {
			server.Write(got)
		}
	})
	var err error
	f := grading.Finding{Sentence: sentence, Mistake: "a caller can't use the connection that it has", Expected: "a question is answered"}
	p.g.Call("a question on a connection of the pool", 0, f, func() { err = askPooled.On(p.g, toAsk{c.Conn, question}).Err() })
	f.Seen = fmt.Sprint(err)
	p.g.Expect(err == nil, f)
}

// serverSays makes the server send bytes that nobody has asked for.
func (p *pool) serverSays(c pooled) {
	server := p.accepted(c)
	words := []string{"late\n", "\n", " ", "\r\n", "\x00", strings.Repeat("late", 5000)}
	p.said++
	_, err := io.WriteString(server, words[p.said%len(words)]) // a blank is a byte, too
	require.NoError(p.t, err)
	p.await(func() bool { return kernel.Unacknowledged(p.g.Experiment, server) == 0 }, grading.Finding{
		Sentence: "left-over", Mistake: "the client's kernel takes none of the server's bytes", Expected: "it takes all", Seen: "none",
	})
}

// serverEnds closes or resets a connection at the server, and waits until the client's kernel has noticed.
func (p *pool) serverEnds(c pooled, isReset bool) {
	server := p.accepted(c)
	if isReset {
		require.NoError(p.t, server.SetLinger(0))
	}
	require.NoError(p.t, server.Close())
	p.await(func() bool { return p.state(c) != kernel.Established }, grading.Finding{})
}

func (p *pool) serverSaysAndEnds(c pooled) {
	p.serverSays(c)
	p.serverEnds(c, false)
}

// clients returns the client's ends of all connections to the server, from the kernel's table of sockets.
func (p *pool) clients() (all []kernel.Socket) {
	table, err := kernel.AllSockets()
	require.NoError(p.t, err)
	for _, s := range table {
		if s.Remote.String() == p.listener.Addr().String() {
			all = append(all, s)
		}
	}
	return all
}

// state returns the state of the client's end of a connection. It is empty if the kernel no longer has this end.
func (p *pool) state(c pooled) kernel.SocketState {
	for _, s := range p.clients() {
		if s.Local.String() == c.Local {
			return s.State
		}
	}
	return ""
}

// isOpen reports whether an end in this state is still open: its program has not closed it.
func isOpen(s kernel.SocketState) bool { return s == kernel.Established || s == kernel.CloseWait }

// awaitClosed waits until the student's process has closed a connection.
func (p *pool) awaitClosed(sentence string, c pooled) {
	p.t.Helper()
	f := grading.Finding{
		Sentence: sentence, Mistake: "a connection that the pool should have closed stays open", Expected: "it is closed",
		Read: "lab02_reuseaddr/TestUnclosedConnectionsStayInCloseWait",
	}
	p.awaitOrSee(func() bool {
		state := p.state(c)
		f.Seen = "it is " + string(state)
		return !isOpen(state)
	}, func() grading.Finding { return f })
}

// expectConnects expects that the pool has connected want times in all.
func (p *pool) expectConnects(want int) {
	p.t.Helper()
	count := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.conns)
	}
	p.await(func() bool { return count() >= want }, grading.Finding{
		Sentence: "connects", Mistake: "the pool doesn't connect", Expected: story.Count(want, "connection"), Seen: "fewer",
	})
	p.g.Expect(count() == want, grading.Finding{
		Sentence: "reuses", Mistake: "the pool connects although it has connections to give", Expected: story.Count(want, "connection"), Seen: fmt.Sprint(count()),
	})
}
