package exercise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// servesAll: Drain serves all clients that wait at the listener. Some of them have sent more than serve reads, some
// have ended their half of the connection, and some leave with a reset.
func (d *draining) servesAll(n int) {
	d.t.Helper()
	d.g.Step("%s at the listener when Drain is called, and the listener's deadline has passed", story.Count(n, "client"))
	d.isLate = true
	for i := range n {
		conn, _ := d.come([]int{0, 100, 100_000}[rand.N(3)])
		if i%3 == 2 {
			require.NoError(d.t, conn.CloseWrite())
		}
	}
	call, got := d.begin(math.MaxInt64)
	for i := range n {
		d.expectAnswer(i)
		if i%2 == 1 {
			require.NoError(d.t, d.clients[i].SetLinger(0))
		}
		require.NoError(d.t, d.clients[i].Close())
	}
	call.Wait(0, hangs(map[bool]string{true: "refused", false: "waits"}[n == 0]))
	d.expectResult(got, n, 0)
	d.expectRefused()
}

// judgeHaste: if nobody waits at the listener, Drain returns at once.
func judgeHaste(t *testing.T, g *grading.Grader) {
	judgeQuickest(t, g, func(d *draining) time.Duration {
		began := time.Now()
		d.servesAll(0)
		return time.Since(began)
	}, grading.Finding{Sentence: "it-returns", Mistake: "Drain returns late, although no client waits", Expected: "it returns at once"})
}

// judgeClosing: if one client waits, Drain closes the listener at once.
func judgeClosing(t *testing.T, g *grading.Grader) {
	judgeQuickest(t, g, (*draining).closesListener, grading.Finding{
		Sentence: "refused", Mistake: "Drain closes the listener too late: it waits for more clients to come, or for something else",
		Expected: "it has accepted the one client that waits, so it closes the listener at once",
	})
}

// judgeQuickest expects that the quickest of several calls takes almost no time.
func judgeQuickest(t *testing.T, g *grading.Grader, takes func(d *draining) time.Duration, f grading.Finding) {
	const tries, tooLong = 8, 80 * time.Millisecond // far more than a look into the queue takes
	least := time.Hour
	for i := 0; i < tries && least >= tooLong; i++ {
		least = min(least, takes(newDraining(t, g)))
	}
	f.Seen = "the quickest of several calls takes " + story.Duration(least)
	g.Expect(least < tooLong, f)
}

// closesListener returns how long the listener stays open while serve runs for the only client.
func (d *draining) closesListener() time.Duration {
	d.t.Helper()
	d.g.Step("one client waits at the listener, and its answer takes its time")
	_, question := d.come(0)
	goOn := d.hold(question)
	began := time.Now()
	call, got := d.begin(time.Hour)
	d.expectRefused()
	took := time.Since(began)
	goOn()
	d.expectAnswer(0)
	require.NoError(d.t, d.clients[0].Close())
	call.Wait(0, hangs("waits"))
	d.expectResult(got, 1, 0)
	return took
}

// servesAnybody: Drain serves each connection that waits at the listener, whatever its client has done meanwhile.
func (d *draining) servesAnybody() {
	d.t.Helper()
	d.g.Step("clients wait at the listener; some have ended their half of the connection, have left, or have reset the connection")
	const answered = 3 // clients: the first, the one that has ended its half, and the last
	d.come(0)
	gone := peer.DialNoKeepalive(d.g.Experiment, d.server.Address)
	require.NoError(d.t, gone.Close())
	gone = peer.DialNoKeepalive(d.g.Experiment, d.server.Address)
	require.NoError(d.t, gone.SetLinger(0))
	require.NoError(d.t, gone.Close())
	half, _ := d.come(0)
	require.NoError(d.t, half.CloseWrite())
	d.come(0)
	call, got := d.begin(time.Hour)
	for i := range answered {
		d.expectAnswer(i)
		require.NoError(d.t, d.clients[i].Close())
	}
	call.Wait(0, hangs("waits"))
	d.g.Expect(got.Served == answered+2 && got.Ended == 0 && got.Err == nil, grading.Finding{
		Sentence: map[bool]string{true: "result", false: "queue"}[got.Calls == answered+2],
		Mistake:  "serve isn't called for each connection that waits, or its call isn't counted",
		Expected: "5 served, 0 ended, error: <nil>; the two that have left count, too",
		Seen:     fmt.Sprintf("%d served, %d ended, error: %v", got.Served, got.Ended, got.Err.Err()),
	})
}

// servesSideBySide: no client waits for another one's answer, and Drain closes the listener before the answers are there.
func (d *draining) servesSideBySide() {
	d.t.Helper()
	const slow = 251
	d.g.Step("clients wait at the listener; the answers to %d of them take their time, and one more client is answered at once", slow)
	var goOn []func()
	for range slow {
		_, question := d.come(100)
		goOn = append(goOn, d.hold(question))
	}
	d.come(100)
	call, got := d.begin(time.Hour)
	d.expectAnswer(slow)
	require.NoError(d.t, d.clients[slow].Close())
	d.expectServed(len(d.clients), "queue", "a client that waited at the listener is not served")
	d.expectRefused()
	call.Waits(50*time.Millisecond, grading.Finding{
		Sentence: "waits", Mistake: "Drain returns while serve still runs", Expected: "it waits", Seen: "it returns",
	})
	for i := range goOn {
		goOn[i]() // all answers come at the same time
	}
	for i := range goOn {
		d.expectAnswer(i)
		require.NoError(d.t, d.clients[i].Close())
	}
	call.Wait(0, hangs("waits"))
	d.expectResult(got, slow+1, 0)
}

// expectServed expects that serve is called for at least so many clients.
func (d *draining) expectServed(least int, sentence, mistake string) {
	d.t.Helper()
	for limit := time.Now().Add(grading.Patience); d.served() < least; time.Sleep(2 * time.Millisecond) {
		d.g.Expect(time.Now().Before(limit), grading.Finding{
			Sentence: sentence, Mistake: mistake,
			Expected: "all clients are served at the same time", Seen: fmt.Sprintf("%d of %d are served", d.served(), len(d.clients)),
			Read: "lab02_reuseaddr/TestRestartRefusesClients",
		})
	}
}

// served counts the clients whose questions serve has read.
func (d *draining) served() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.came)
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
	}
	call.Wait(0, hangs("waits")) // the connections are closed, even if the clients stay
	d.expectResult(got, len(d.clients), 0)
}

// readsOn: a client gets its answer, and sends much more before it closes its side. serve may have ended its half of the
// connection itself. finish is the second part: after a pause, the client sends all this.
func (d *draining) readsOn(halfCloses bool) (finish func()) {
	d.t.Helper()
	const pieces, long = 10, 2200 * time.Millisecond
	d.g.Step("a client gets its answer and the end of the stream, pauses, and sends %d MiB more; serve has left a deadline", pieces)
	d.leavesDeadline, d.halfCloses = true, halfCloses
	d.come(0)
	call, got := d.begin(time.Hour)
	d.expectAnswer(0)
	began := time.Now()
	return func() { d.saysMore(call, got, pieces, began.Add(long)) }
}

func (d *draining) saysMore(call *grading.Running, got *drained, pieces int, from time.Time) {
	d.t.Helper()
	var err error
	require.NoError(d.t, d.clients[0].SetWriteDeadline(time.Now().Add(2*grading.Patience)))
	for i := 0; i < pieces && err == nil; i++ {
		call.Waits(max(time.Until(from), 20*time.Millisecond), grading.Finding{
			Sentence: "last-words", Mistake: "Drain returns before a client that has its answer has closed its side",
			Expected: "it reads on until then: grace is not over", Seen: "it returns",
		})
		_, err = d.clients[0].Write(grading.Bytes(1 << 20))
	}
	if err == nil {
		err = d.clients[0].CloseWrite()
	}
	d.g.Expect(err == nil, grading.Finding{
		Sentence: "last-words", Mistake: "a client that has its answer can't send more: the connection is closed, or nobody reads",
		Expected: "Drain reads what still comes, until the client closes its side: grace is not over",
		Seen:     fmt.Sprint(err), Read: "lab02_reuseaddr/TestDrainNeedsOneDeadline",
	})
	call.Wait(0, hangs("last-words"))
	d.expectResult(got, 1, 0)
}

// keepsOthersOut: clients keep coming after Drain has begun, and Drain closes the listener all the same.
func (d *draining) keepsOthersOut() {
	d.t.Helper()
	const every, most = 25 * time.Millisecond, 50
	d.g.Step("a client comes every %v, after Drain has begun", every)
	_, question := d.come(0)
	goOn := d.hold(question)
	call, got := d.begin(time.Hour)
	tries := 0
	for ; tries < most; tries++ {
		time.Sleep(every)
		conn, err := (&net.Dialer{KeepAlive: -1}).DialContext(d.t.Context(), "tcp", d.server.Address)
		if err != nil {
			break
		}
		defer conn.Close()
	}
	d.g.Expect(tries < most, grading.Finding{
		Sentence: "refused", Mistake: "Drain closes the listener too late: it stays open as long as clients come",
		Expected: "Drain accepts the clients that wait when it is called, and doesn't wait for others",
		Seen:     fmt.Sprintf("%s could connect", story.Count(tries, "client")),
	})
	goOn()
	d.expectAnswer(0)
	require.NoError(d.t, d.clients[0].Close())
	if tries > 0 {
		return // the clients that could connect are served, too: their connections end with the grading
	}
	call.Wait(0, hangs("waits"))
	d.expectResult(got, 1, 0)
}
