package exercise_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// looksQuickly: Get does not wait to see whether a connection can be used. The quickest of many calls counts.
func looksQuickly(t *testing.T, g *grading.Grader) {
	const tooLong = 500 * time.Microsecond // far more than a look takes
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("a connection is put and given again and again")
	c := p.get("connects")
	var got quick
	g.Call("Get", 0, waitsFor("no-wait"), func() { got = quickestGet.On(g, toPut{Pool: p.handle, Conn: c.Conn}) })
	g.Expect(got.Others == 0, grading.Finding{
		Sentence: "reuses", Mistake: "Get stops giving a connection that is used again and again", Expected: "always the one that was put last",
		Seen: "another connection, or none: " + story.Count(got.Others, "time"),
	})
	g.Expect(got.Quickest < tooLong, grading.Finding{
		Sentence: "no-wait", Mistake: "Get waits to see whether a connection can be used", Expected: "it asks the kernel, which takes no time",
		Seen: "the quickest of many calls takes " + got.Quickest.String(),
	})
	var quickest time.Duration
	g.Call("Get", 0, waitsFor("no-wait"), func() { quickest = quickestConnect.On(g, p.handle) })
	takesNoTime(g, "Get waits before it connects", quickest)
}

// isRefused: while nobody listens, each Get returns ECONNREFUSED at once. When somebody listens again, Get connects. The
// quickest of the refused calls counts.
func isRefused(t *testing.T, g *grading.Grader) {
	const tooLong = 80 * time.Millisecond // far more than it takes to be refused
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("nobody listens; later the server listens again")
	p.stopListening()
	quickest := time.Hour
	for range 4 {
		began := time.Now()
		_, err := p.tryGet("connects", time.Hour)
		quickest = min(quickest, time.Since(began))
		g.Expect(errors.Is(err, syscall.ECONNREFUSED), grading.Finding{
			Sentence: "connects", Mistake: "the error of the connect isn't returned", Expected: syscall.ECONNREFUSED.Error(), Seen: fmt.Sprint(err),
		})
	}
	g.Expect(quickest < tooLong, grading.Finding{
		Sentence: "connects", Mistake: "Get doesn't return when the connect has failed", Expected: "the error at once",
		Seen: "the quickest of several calls takes " + story.Duration(quickest),
	})
	p.listenAgain()
	p.ask("connects", p.get("connects"))
}

// waitsForNobody: connects that nobody answers delay no other call, and end when their contexts end.
func waitsForNobody(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	c := p.get("connects")
	p.accepted(c) // otherwise c would be in the backlog, too
	p.stopAccepting()
	peer.FillBacklog(g.Experiment, p.listener)
	address := p.listener.Addr().String()
	// A busy machine may make a call late, but hardly three times in a row.
	for tries, limit := 0, 700*time.Millisecond; ; tries, limit = tries+1, 1200*time.Millisecond {
		g.Step("callers connect, and are not answered for %v; another puts a connection, and gets it; a pool is closed", limit)
		var hasty, closing grading.Handle[*exercise.Pool]
		g.Prepare("a Pool", func() {
			hasty = newPool.On(g, poolOf{address, limit / 8, 5}) // its connections become too old soon
			closing = newPool.On(g, poolOf{address, time.Hour, 5})
		})
		calls := []toGet{{Pool: closing, Until: limit}, {Pool: hasty, Until: limit}, {Pool: hasty, Until: limit, Cancel: true}}
		for range 6 {
			calls = append(calls, toGet{Pool: p.handle, Until: limit})
		}
		type end struct {
			err  error
			took time.Duration
		}
		ended := make([]end, len(calls))
		others := p.connecting()
		began := time.Now()
		var waiting []*grading.Running
		for i, call := range calls {
			waiting = append(waiting, g.Go("Get", func() {
				err := getPooled.On(g, call).Err.Err()
				ended[i] = end{err, time.Since(began)}
			}))
		}
		isSlow := func() bool { return time.Since(began) > limit }
		p.await(func() bool { return p.connecting() >= others+len(calls) || isSlow() }, waitsFor("no-wait"))
		asked := time.Now()
		p.put(c)
		c = p.expectSame("no-wait", c)
		g.Call("Close", 0, waitsFor("no-wait"), func() { closePool.On(g, closing) })
		took, inAll := time.Since(asked), time.Since(began)
		for i, w := range waiting {
			w.Wait(limit, waitsFor("connects"))
			if e := ended[i]; i > 0 || !errors.Is(e.err, net.ErrClosed) {
				endsWithContext(g, calls[i], e.err, e.took)
			}
		}
		g.Call("Close", 0, waitsFor("close"), func() { closePool.On(g, hasty) })
		if inAll < limit {
			return
		}
		g.Expect(tries < 2, grading.Finding{
			Sentence: "no-wait", Mistake: "a caller waits until another one's connect has ended", Expected: "Put, Get and Close take no time",
			Seen: "they take " + story.Duration(took),
		})
	}
}

// endsWithContext judges a connect that nobody answers.
func endsWithContext(g *grading.Grader, call toGet, err error, took time.Duration) {
	isTimeout := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
	if call.Cancel {
		isTimeout = errors.Is(err, context.Canceled)
	}
	g.Expect(took >= call.Until && isTimeout, grading.Finding{
		Sentence: "connects", Mistake: "the connect does not end with ctx",
		Expected: "its deadline or its cancellation ends it after " + story.Duration(call.Until),
		Seen:     fmt.Sprintf("%v, after %s", err, story.Duration(took)),
	})
}

// connectsForLong: nobody answers a connect, and its context ends later than most limits that a pool could have of its own.
func connectsForLong(t *testing.T, g *grading.Grader) (finish func()) {
	p := newPoolOf(t, g, time.Hour, 5)
	p.stopAccepting()
	peer.FillBacklog(g.Experiment, p.listener)
	call := toGet{Pool: p.handle, Until: 2200 * time.Millisecond}
	g.Step("a caller connects, and is not answered for %v", call.Until)
	var err error
	var took time.Duration
	began := time.Now()
	waiting := g.Go("Get", func() {
		err = getPooled.On(g, call).Err.Err()
		took = time.Since(began)
	})
	return func() {
		waiting.Wait(call.Until, waitsFor("connects"))
		endsWithContext(g, call, err, took)
		p.end()
	}
}

func (p *pool) stopAccepting() {
	require.NoError(p.t, p.listener.SetDeadline(time.Unix(1, 0)))
	<-p.stopped
	require.NoError(p.t, p.listener.SetDeadline(time.Time{}))
}

// stopListening makes the server refuse clients.
func (p *pool) stopListening() {
	p.listener.Close()
	<-p.stopped
}

func (p *pool) listenAgain() {
	p.listener, p.stopped = peer.ListenAtNoKeepalive(p.g.Experiment, p.listener.Addr().String()), make(chan struct{})
	p.g.Experiment.Go(p.accept)
}

// connecting counts the connects that the pool's server has not answered.
func (p *pool) connecting() (n int) {
	p.t.Helper()
	table, err := kernel.AllSockets()
	require.NoError(p.t, err)
	for _, s := range table {
		if s.State == kernel.SynSent && s.Remote.String() == p.listener.Addr().String() {
			n++
		}
	}
	return n
}
