package exercise_test

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
)

// judgeEnds needs one of several attempts to be in time, each with a longer grace: on a busy machine, a late one proves nothing.
func judgeEnds(t *testing.T, g *grading.Grader) {
	const attempts, longest = 8, 4
	var took time.Duration
	least := grading.Between(300*time.Millisecond, 500*time.Millisecond)
	for i := range attempts {
		var isInTime bool
		if took, isInTime = newDraining(t, g).ends(least * time.Duration(min(1+i, longest))); isInTime {
			return
		}
	}
	g.Expect(false, grading.Finding{
		Sentence: "grace", Mistake: "Drain goes on when grace is over",
		Expected: "it returns after " + story.Duration(least*longest), Seen: "it returns after " + story.Duration(took),
		Read: "lab02_reuseaddr/TestDrainNeedsOneDeadline",
	})
}

// ends: when grace is over, Drain ends every connection that is still open. For one client, serve returns when grace is nearly
// over, and this client stays.
func (d *draining) ends(grace time.Duration) (took time.Duration, isInTime bool) {
	d.t.Helper()
	d.g.Step("clients ask nothing, don't read, read late, send without end, or stay; grace is %v", grace)
	const big = 3 // clients that read their answers only after grace is over
	for i := range big {
		conn, question := d.come(0)
		d.mu.Lock()
		d.big[question] = true
		d.mu.Unlock()
		if i == 0 {
			require.NoError(d.t, conn.CloseWrite())
		}
	}
	silent := peer.DialNoKeepalive(d.g.Experiment, d.server.Address)
	stuck, much := d.come(0)
	d.mu.Lock()
	d.long[much] = true
	d.mu.Unlock()
	d.come(0) // this client stays
	talks, _ := d.come(100)
	_, late := d.come(0)
	goOn := d.hold(late)
	began := time.Now()
	call, got := d.begin(grace)
	wasReset := make(chan time.Duration, 1)
	d.g.Experiment.Go(func() {
		silent.SetReadDeadline(began.Add(grace + grading.Patience))
		_, err := silent.Read(make([]byte, 1))
		if errors.Is(err, syscall.ECONNRESET) {
			wasReset <- time.Since(began)
		}
		close(wasReset)
	})
	heard := make(chan time.Duration, 1) // for how long the client that sends without end can send
	require.NoError(d.t, talks.SetWriteDeadline(began.Add(grace+grading.Patience)))
	d.g.Experiment.Go(func() {
		for err := error(nil); err == nil; time.Sleep(10 * time.Millisecond) {
			_, err = talks.Write([]byte("."))
		}
		heard <- time.Since(began)
	})
	isServed := true
	for i := range 3 {
		if i == 2 { // the client that is served late
			time.Sleep(time.Until(began.Add(grace * 85 / 100)))
			goOn()
		}
		ok, f := d.isAnswered(big + 1 + i)
		if i == 2 {
			f.Sentence, f.Mistake = "grace", "Drain ends connections too early"
			f.Expected += "; serve returns when 85% of grace is over"
		}
		isServed = isServed && ok
		d.g.Expect(ok || time.Since(began) >= grace, f) // otherwise the machine was so busy that grace was over
	}
	call.Wait(grace, hangs("grace"))
	took = time.Since(began)
	d.g.Expect(took >= grace, grading.Finding{
		Sentence: "grace", Mistake: "Drain ends connections too early", Expected: "it returns after " + story.Duration(grace),
		Seen: "it returns after " + story.Duration(took),
	})
	d.expectReset(stuck)
	when, isReset := <-wasReset
	d.g.Expect(isReset, notReset)
	d.g.Expect(when >= grace, grading.Finding{
		Sentence: "grace", Mistake: "Drain ends connections too early", Expected: "a reset after " + story.Duration(grace),
		Seen: "a reset after " + story.Duration(when),
	})
	until := <-heard
	d.g.Expect(until >= grace, grading.Finding{
		Sentence: "last-words", Mistake: "Drain ends a connection before its client has closed its side, and before grace is over",
		Expected: "it ends after " + story.Duration(grace), Seen: "it ends after " + story.Duration(until),
	})
	if !isServed || got.Ended > 2 {
		return took, false
	}
	d.expectResult(got, big+3, 2)
	for i := range big {
		ok, f := d.isAnswered(i)
		f.Mistake = "a client that hasn't read everything when grace is over loses the rest, although serve has written it, and returned"
		d.g.Expect(ok, f)
	}
	const tooMuch = 250 * time.Millisecond
	return took, took < grace+min(grace/5, tooMuch)
}

// waitsForServe: Drain waits for serve even after it has reset the connection. finish lets serve return, and judges the result.
func (d *draining) waitsForServe() (finish func()) {
	d.t.Helper()
	grace := grading.Between(50*time.Millisecond, 100*time.Millisecond)
	const silent = 151
	d.g.Step("for two of %d clients, serve takes longer than grace, which is %v", silent+2, grace)
	_, question := d.come(0)
	_, alsoAsked := d.come(0)
	goOn, alsoGoOn := d.hold(question), d.hold(alsoAsked)
	for range silent {
		d.clients = append(d.clients, peer.DialNoKeepalive(d.g.Experiment, d.server.Address))
	}
	began := time.Now()
	call, got := d.begin(grace)
	for _, conn := range d.clients {
		d.expectReset(conn)
	}
	f := grading.Finding{
		Sentence: "grace", Mistake: "Drain returns while serve still runs", Expected: "it waits for serve, even when grace is over", Seen: "it returns",
	}
	call.Waits(20*time.Millisecond, f)
	return func() {
		d.t.Helper()
		const long = 2200 * time.Millisecond
		call.Waits(time.Until(began.Add(long)), f)
		goOn()
		alsoGoOn()
		call.Wait(0, hangs("grace"))
		d.expectResult(got, 0, silent+2)
	}
}

// hasNoGrace: grace isn't more than 0, so it is over at once.
func (d *draining) hasNoGrace(grace time.Duration) {
	d.t.Helper()
	d.g.Step("a client that sends nothing waits at the listener; grace is %v", grace)
	silent := peer.DialNoKeepalive(d.g.Experiment, d.server.Address)
	call, got := d.begin(grace)
	call.Wait(0, hangs("grace"))
	d.expectReset(silent)
	d.g.Expect(got.Calls == 1, grading.Finding{
		Sentence: "queue", Mistake: "serve isn't called for a connection that waits", Expected: "it is called, even if there is no grace", Seen: "it isn't",
	})
	d.expectResult(got, 0, 1)
}

// hasLongGrace: grace is longer than 32 bits of milliseconds, or as long as it can be.
func (d *draining) hasLongGrace(grace time.Duration) {
	d.g.Step("the answer to a client takes its time; grace is %v", grace)
	conn, question := d.come(0)
	goOn := d.hold(question)
	call, got := d.begin(grace)
	require.NoError(d.t, conn.SetReadDeadline(time.Now().Add(60*time.Millisecond)))
	_, err := conn.Read(make([]byte, 1))
	d.g.Expect(errors.Is(err, os.ErrDeadlineExceeded), grading.Finding{
		Sentence: "grace", Mistake: "Drain ends connections too early", Expected: "it ends none: grace is " + grace.String(), Seen: fmt.Sprint(err),
	})
	goOn()
	d.expectAnswer(0)
	d.saysMore(call, got, 1, time.Now())
}

// failsAtOnce: accept fails in the thread of Drain. In other threads it doesn't fail.
func (d *draining) failsAtOnce(errno syscall.Errno) {
	d.t.Helper()
	d.g.Step("a client waits at the listener, and accept fails: %v", errno)
	d.refused = []refuse.Call{refuse.Accept(errno)}
	conn, _ := d.come(0)
	require.NoError(d.t, conn.CloseWrite())
	call, got := d.begin(time.Hour)
	call.Wait(0, hangs("failed"))
	if got.Unable != "" {
		d.g.Step("that can't be shown here: %s", got.Unable)
		return
	}
	isServed := got.Served == 1 && got.Err == nil
	d.g.Expect(isServed || got.Served == 0 && errors.Is(got.Err.Err(), errno), grading.Finding{
		Sentence: "failed", Mistake: "the listener's error isn't returned", Expected: errno.Error(), Seen: fmt.Sprint(got.Err.Err()),
	})
	if !isServed {
		d.expectRefused()
	}
}

// failsMidway: accept fails after it has accepted some connections.
func (d *draining) failsMidway() {
	d.t.Helper()
	const more, while = 12, 50 * time.Millisecond // descriptors
	d.g.Step("the server's process can open %d more descriptors, and %d clients wait; the answers take their time", more, 2*more)
	var goOn []func()
	for range 2 * more {
		_, question := d.come(0)
		goOn = append(goOn, d.hold(question))
	}
	var l lack
	d.g.Prepare("to take descriptors", func() { l = takeDescriptors.On(d.g, more) })
	require.NoError(d.t, l.Err.Err())
	call, got := d.begin(time.Hour)
	d.expectRefused()
	d.expectServed(1, "failed", "accept fails, and the connections that were accepted before aren't served")
	call.Waits(while, grading.Finding{
		Sentence: "failed", Mistake: "accept fails, and Drain returns while serve still runs", Expected: "it waits", Seen: "it returns",
	})
	d.g.Prepare("to give descriptors", func() { l = giveDescriptors.On(d.g, l) })
	for i := range goOn {
		goOn[i]()
	}
	for _, conn := range d.clients {
		d.gets(conn) // an answer, or a reset
		conn.Close()
	}
	call.Wait(0, hangs("waits"))
	served := d.served()
	d.g.Expect(errors.Is(got.Err.Err(), syscall.EMFILE), grading.Finding{
		Sentence: "failed", Mistake: "the listener's error isn't returned", Expected: syscall.EMFILE.Error(), Seen: fmt.Sprint(got.Err.Err()),
	})
	d.g.Expect(got.Served == served && got.Ended == 0, grading.Finding{
		Sentence: "result", Mistake: "Drain doesn't return what it has done, when accept has failed", Expected: fmt.Sprintf("%d served, 0 ended", served),
		Seen: fmt.Sprintf("%d served, %d ended", got.Served, got.Ended),
	})
}
