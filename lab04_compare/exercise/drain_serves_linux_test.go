package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// servesAll: all who wait are served. Some have sent more than anybody reads.
func (d *draining) servesAll(n int) {
	d.t.Helper()
	d.g.Step("%s at the listener when Drain is called", story.Count(n, "client"))
	for range n {
		d.come([]int{0, 100, 100_000}[rand.N(3)])
	}
	call, got := d.begin(time.Hour)
	for i := range n {
		d.expectAnswer(i)
		require.NoError(d.t, d.clients[i].Close())
	}
	call.Wait(0, hangsUp("refused"))
	d.expectResult(got, n, 0)
	d.expectRefused()
}

// servesSideBySide: nobody waits for another one's answer, nor does the end of the listener.
func (d *draining) servesSideBySide() {
	d.t.Helper()
	const slow = 20
	d.g.Step("clients wait at the listener; the answers to %d take their time, and to one not", slow)
	var goOn []func()
	for range slow {
		_, question := d.come(100)
		goOn = append(goOn, d.hold(question))
	}
	d.come(100)
	call, got := d.begin(time.Hour)
	d.expectAnswer(slow)
	require.NoError(d.t, d.clients[slow].Close())
	d.expectAllServed()
	d.expectRefused()
	call.Waits(50*time.Millisecond, grading.Finding{
		Sentence: "waits", Mistake: "Drain returns while serve still runs", Expected: "it waits", Seen: "it returns",
	})
	for i := range goOn {
		goOn[i]()
		d.expectAnswer(i)
		require.NoError(d.t, d.clients[i].Close())
	}
	call.Wait(0, hangsUp("waits"))
	d.expectResult(got, slow+1, 0)
}

// expectAllServed expects that serve has been called for every client.
func (d *draining) expectAllServed() {
	d.t.Helper()
	served := func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.came)
	}
	for limit := time.Now().Add(grading.Patience); served() < len(d.clients); time.Sleep(2 * time.Millisecond) {
		d.g.Expect(time.Now().Before(limit), grading.Finding{
			Sentence: "queue",
			Mistake:  "a client that waited at the listener is not served",
			Expected: "all clients are served at the same time",
			Seen:     fmt.Sprintf("%d of %d are", served(), len(d.clients)),
			Read:     "lab02_reuseaddr/TestRestartRefusesClients",
		})
	}
}

// servesWhoCloses: serve closes the connections itself.
func (d *draining) servesWhoCloses() {
	d.t.Helper()
	d.g.Step("clients wait at the listener; serve closes their connections itself")
	d.closes = true
	for range 3 {
		d.come(0)
	}
	call, got := d.begin(time.Hour)
	for i := range d.clients {
		d.expectAnswer(i)
		require.NoError(d.t, d.clients[i].Close())
	}
	call.Wait(0, hangsUp("waits"))
	d.expectResult(got, len(d.clients), 0)
}

// readsOn: a client has its answer, and says much more before it ends its side.
func (d *draining) readsOn() {
	d.t.Helper()
	const pieces, pause = 4, 80 * time.Millisecond
	d.g.Step("a client has its answer and the end of the stream, and says %d MiB more, with pauses", pieces)
	d.come(0)
	call, got := d.begin(time.Hour)
	d.expectAnswer(0)
	var err error
	require.NoError(d.t, d.clients[0].SetWriteDeadline(time.Now().Add(2*grading.Patience)))
	for i := 0; i < pieces && err == nil; i++ {
		time.Sleep(pause)
		_, err = d.clients[0].Write(grading.Bytes(1 << 20))
	}
	if err == nil {
		err = d.clients[0].CloseWrite()
	}
	d.g.Expect(err == nil, grading.Finding{
		Sentence: "last-words",
		Mistake:  "a client that has its answer can't say more: the connection is closed, or nobody reads",
		Expected: "Drain reads what still comes, until the client ends its side: grace is an hour",
		Seen:     fmt.Sprint(err),
		Read:     "lab02_reuseaddr/TestDrainNeedsOneDeadline",
	})
	call.Wait(0, hangsUp("last-words"))
	d.expectResult(got, 1, 0)
}

// keepsOthersOut: clients go on to come.
func (d *draining) keepsOthersOut() {
	d.t.Helper()
	const every, most = 60 * time.Millisecond, 20
	d.g.Step("a client comes every %v, after Drain has begun", every)
	_, question := d.come(0)
	goOn := d.hold(question)
	call, got := d.begin(time.Hour)
	dialer := net.Dialer{KeepAlive: -1}
	tries := 0
	for ; tries < most; tries++ {
		time.Sleep(every)
		conn, err := dialer.DialContext(d.t.Context(), "tcp", d.server.Address)
		if err != nil {
			break
		}
		defer conn.Close()
	}
	d.g.Expect(tries < most, grading.Finding{
		Sentence: "refused", Mistake: "the listener stays open as long as clients come",
		Expected: "Drain accepts who waits when it is called, and doesn't wait for others",
		Seen:     fmt.Sprintf("%s came in", story.Count(tries, "client")),
	})
	goOn()
	d.expectAnswer(0)
	require.NoError(d.t, d.clients[0].Close())
	if tries > 0 {
		return // they are served, too, and ended with the grading
	}
	call.Wait(0, hangsUp("waits"))
	d.expectResult(got, 1, 0)
}

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
	isServed := true
	for i := range 3 {
		if i == 2 { // the last of them
			time.Sleep(time.Until(began.Add(grace * 7 / 10)))
			goOn()
		}
		ok, f := d.isAnswered(1 + i)
		if i == 2 {
			f.Sentence, f.Mistake = "grace", "Drain ends connections too early"
			f.Expected += ": its answer is there when seven tenths of grace are over"
		}
		isServed = isServed && ok
		d.g.Expect(ok || time.Since(began) >= grace, f) // else the machine was so busy that grace was over
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
		return took, false
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
		Sentence: "grace", Mistake: "Drain returns while serve still runs", Expected: "it waits for serve, even when grace is over", Seen: "it returns",
	})
	goOn()
	call.Wait(0, hangsUp("grace"))
	d.g.Expect(got.Served+got.Ended == 1 && got.Err == nil, grading.Finding{ // on a busy machine serve may have been first
		Sentence: "result", Mistake: "Drain doesn't return what it has done", Expected: "0 served, 1 ended, no error",
		Seen: fmt.Sprintf("%d served, %d ended, %v", got.Served, got.Ended, got.Err.Err()),
	})
}
