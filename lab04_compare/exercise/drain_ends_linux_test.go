package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// judgeEnds: a busy machine may be late, and that says nothing: one of several attempts has to be in time, with more grace each.
func judgeEnds(t *testing.T, g *grading.Grader) {
	const attempts = 3
	var took time.Duration
	grace := grading.Between(300*time.Millisecond, 500*time.Millisecond)
	for range attempts {
		var isInTime bool
		if took, isInTime = newDraining(t, g).ends(grace); isInTime {
			return
		}
		grace *= 3
	}
	g.Expect(false, grading.Finding{
		Sentence: "grace", Mistake: "Drain goes on when grace is over",
		Expected: "it returns after " + story.Duration(grace/3), Seen: "it returns after " + story.Duration(took),
		Read: "lab02_reuseaddr/TestDrainNeedsOneDeadline",
	})
}

// ends: who isn't done when grace is over is ended. Serve is done with one client when grace is nearly over, and that client
// stays.
func (d *draining) ends(grace time.Duration) (took time.Duration, isInTime bool) {
	d.t.Helper()
	d.g.Step("clients ask nothing, don't read, or neither stop talking nor leave; grace is %v", grace)
	silent := peer.DialNoKeepalive(d.g.Experiment, d.server.Address)
	stuck, much := d.come(0)
	d.mu.Lock()
	d.long[much] = true
	d.mu.Unlock()
	d.come(0) // and stays
	talks, _ := d.come(100)
	_, late := d.come(0)
	goOn := d.hold(late)
	began := time.Now()
	call, got := d.begin(grace)
	d.g.Experiment.Go(func() {
		for err := error(nil); err == nil; time.Sleep(10 * time.Millisecond) {
			_, err = talks.Write([]byte("."))
		}
	})
	d.expectAnswer(1)
	d.expectAnswer(2)
	time.Sleep(time.Until(began.Add(grace * 7 / 10)))
	goOn()
	isServed := time.Since(began) < grace*8/10
	if isServed {
		d.expectAnswer(3)
	}
	call.Wait(grace, hangsUp("grace"))
	took = time.Since(began)
	d.g.Expect(took >= grace, grading.Finding{
		Sentence: "grace", Mistake: "Drain ends connections too early", Expected: "after " + story.Duration(grace), Seen: "after " + story.Duration(took),
	})
	for _, conn := range []*net.TCPConn{silent, stuck} {
		_, err := d.gets(conn)
		d.g.Expect(errors.Is(err, syscall.ECONNRESET), grading.Finding{
			Sentence: "grace", Mistake: "a connection isn't ended by a reset when grace is over", Expected: syscall.ECONNRESET.Error(), Seen: fmt.Sprint(err),
		})
	}
	if !isServed {
		return took, false // so busy a machine that grace was over
	}
	d.expectResult(got, 3, 2)
	return took, took < grace*3/2
}

// waitsForServe: serve goes on when its connection has been ended.
func (d *draining) waitsForServe() {
	d.t.Helper()
	grace := grading.Between(50*time.Millisecond, 100*time.Millisecond)
	d.g.Step("serve takes its time, and grace is over meanwhile: it is %v", grace)
	_, question := d.come(0)
	goOn := d.hold(question)
	call, got := d.begin(grace)
	call.Waits(grace+100*time.Millisecond, grading.Finding{
		Sentence: "grace", Mistake: "Drain returns while serve still runs", Expected: "it waits for it, also when grace is over", Seen: "it returns",
	})
	goOn()
	call.Wait(0, hangsUp("grace"))
	d.g.Expect(got.Served+got.Ended == 1 && got.Err == nil, grading.Finding{ // on a busy machine serve may have been first
		Sentence: "result", Mistake: "Drain doesn't return what it has done", Expected: "0 served, 1 ended, no error",
		Seen: fmt.Sprintf("%d served, %d ended, %v", got.Served, got.Ended, got.Err.Err()),
	})
}

// failsMidway: accept fails when some connections are served already.
func (d *draining) failsMidway() {
	d.t.Helper()
	const more = 4 // descriptors
	d.g.Step("the server's process has %d descriptors for the %d clients that wait; the answers take their time", more, 2*more)
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
	call.Waits(50*time.Millisecond, grading.Finding{
		Sentence: "waits", Mistake: "accept fails, and Drain returns while serve still runs", Expected: "it waits", Seen: "it returns",
	})
	d.g.Prepare("to give descriptors", func() { l = giveDescriptors.On(d.g, l) })
	for i := range goOn {
		goOn[i]()
	}
	for _, conn := range d.clients {
		d.gets(conn) // an answer, or a reset
		conn.Close()
	}
	call.Wait(0, hangsUp("waits"))
	d.mu.Lock()
	served := len(d.came)
	d.mu.Unlock()
	d.g.Expect(errors.Is(got.Err.Err(), syscall.EMFILE), grading.Finding{
		Sentence: "failed", Mistake: "the listener's error isn't returned", Expected: syscall.EMFILE.Error(), Seen: fmt.Sprint(got.Err.Err()),
	})
	d.g.Expect(got.Served == served && got.Ended == 0, grading.Finding{
		Sentence: "result", Mistake: "Drain doesn't return what it has done, when accept has failed", Expected: fmt.Sprintf("%d served, 0 ended", served),
		Seen: fmt.Sprintf("%d served, %d ended", got.Served, got.Ended),
	})
}

func (d *draining) tellsOfFailure() {
	d.t.Helper()
	d.g.Step("the listener is closed already")
	d.g.Prepare("a close", func() { endServing.On(d.g, toEnd{d.server.Server, true}) })
	call, got := d.begin(time.Hour)
	call.Wait(0, hangsUp("failed"))
	d.g.Expect(errors.Is(got.Err.Err(), net.ErrClosed) && got.Served == 0, grading.Finding{
		Sentence: "failed", Mistake: "the listener's error isn't returned", Expected: "net.ErrClosed", Seen: fmt.Sprint(got.Err.Err()),
	})
}
