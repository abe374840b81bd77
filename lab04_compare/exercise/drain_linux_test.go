package exercise_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
)

// TestDrain: before a server stops, it serves all clients that have connected, and loses none of its answers.
//
// Points: 10
// Read: lab02_reuseaddr/TestCloseWithUnreadDataLosesAnswer, lab02_reuseaddr/TestDrainNeedsOneDeadline, lab02_reuseaddr/TestRestartRefusesClients
// Hint: The kernel completes connections before a program accepts them, and resets those that still wait when the listener is closed.
// Hint: If the listener's deadline has passed, Accept fails without looking into the queue. A deadline a moment from now lets it look.
// Hint: A close with unread data is a reset, and the client may lose the answer. CloseWrite says that there is no more; then read
// what still comes.
// Hint: One timer for each connection can end it when grace is over; SetLinger(0) makes that a reset. Note which was first: the
// timer, or the return of serve.
func TestDrain(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable)
	judgeHaste(t, g)
	newDraining(t, g).servesSideBySide()
	finish := newDraining(t, g).waitsForServe()
	finishWords := newDraining(t, g).readsOn()
	newDraining(t, g).servesAll(1 + rand.N(30))
	newDraining(t, g).servesAll(101 + rand.N(60))
	newDraining(t, g).servesAnybody()
	newDraining(t, g).servesWhoCloses()
	newDraining(t, g).keepsOthersOut()
	judgeEnds(t, g)
	newDraining(t, g).hasNoGrace(0)
	newDraining(t, g).hasNoGrace(-time.Second)
	newDraining(t, g).failsAtOnce()
	newDraining(t, g).failsMidway()
	newDraining(t, g).tellsOfFailure()
	finish()
	finishWords()
}

// draining is a listener in the student's process, and clients of the grader's.
type draining struct {
	t       *testing.T
	g       *grading.Grader
	server  listening
	clients []*net.TCPConn
	asked   []string

	mu   sync.Mutex
	held map[string]chan struct{} // questions whose answers wait
	long map[string]bool          // whose answers are longer than buffers
	big  map[string]bool          // whose answers are longer than what a client's kernel takes for a client that doesn't read
	came map[string]bool          // that serve has read

	closes         bool // serve closes connections itself
	leavesDeadline bool // serve leaves one that is over
	isLate         bool // the listener's deadline has passed
	refused        []refuse.Call
}

func newDraining(t *testing.T, g *grading.Grader) *draining {
	d := &draining{t: t, g: g, held: make(map[string]chan struct{}), long: make(map[string]bool), big: make(map[string]bool), came: make(map[string]bool)}
	g.Prepare("to listen", func() { d.server = listenAt.On(g, place{Address: loopback(false)}) })
	require.NoError(t, d.server.Err.Err())
	return d
}

// come makes a client connect and ask, and send more than serve reads.
func (d *draining) come(more int) (conn *net.TCPConn, question string) {
	d.t.Helper()
	conn, question = peer.DialNoKeepalive(d.g.Experiment, d.server.Address), grading.Text(10)
	_, err := io.WriteString(conn, question+"\n"+strings.Repeat(".", more))
	require.NoError(d.t, err)
	d.clients, d.asked = append(d.clients, conn), append(d.asked, question)
	return conn, question
}

func (d *draining) answer(line []byte) answered {
	question := string(bytes.TrimSuffix(line, []byte("\n")))
	d.mu.Lock()
	wait := d.held[question]
	d.came[question] = true
	d.mu.Unlock()
	if wait != nil {
		<-wait
	}
	return d.answerTo(question)
}

func (d *draining) answerTo(question string) answered {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.long[question]:
		return answered{[]byte("!"), moreThanBuffersHold}
	case d.big[question]:
		return answered{[]byte(question), bigAnswer}
	}
	return answered{[]byte(question), 100}
}

// bigAnswer makes an answer of some 300 kB: the client's kernel takes 64 KiB at first, and the server's holds the rest.
const bigAnswer = 30_000

// hold makes an answer wait until the function that is returned is called.
func (d *draining) hold(question string) (goOn func()) {
	wait := make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held[question], goOn = wait, sync.OnceFunc(func() { close(wait) })
	d.g.AtEnd(goOn)
	return goOn
}

// begin calls Drain.
func (d *draining) begin(grace time.Duration) (call *grading.Running, got *drained) {
	got = new(drained)
	answer := grading.NewCallback(d.g, d.answer)
	return d.g.Go("Drain", func() {
		*got = drain.On(d.g, toDrain{d.server.Server, answer, grace, d.closes, d.leavesDeadline, d.isLate, d.refused})
	}), got
}

// gets reads all that a client is sent, and how that ends.
func (d *draining) gets(conn *net.TCPConn) (text string, err error) {
	require.NoError(d.t, conn.SetReadDeadline(time.Now().Add(grading.Patience)))
	all, err := io.ReadAll(conn)
	return string(all), err
}

// expectAnswer expects the whole answer of a client, and the end of the stream.
func (d *draining) expectAnswer(i int) {
	d.t.Helper()
	ok, f := d.isAnswered(i)
	d.g.Expect(ok, f)
}

// isAnswered reports whether a client gets that. The finding says what it gets.
func (d *draining) isAnswered(i int) (ok bool, f grading.Finding) {
	d.t.Helper()
	text, err := d.gets(d.clients[i])
	want := d.answerTo(d.asked[i]).String()
	f = grading.Finding{
		Sentence: "last-words",
		Mistake:  "a client doesn't get its whole answer, and the end of the stream after it",
		Expected: story.Count(len(want), "byte") + ", and the end",
		Seen:     fmt.Sprintf("%s, and: %v", story.Count(len(text), "byte"), err),
		Read:     "lab02_reuseaddr/TestCloseWithUnreadDataLosesAnswer",
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.came[d.asked[i]] {
		f.Sentence, f.Mistake = "queue", "a client that waited at the listener is not served"
		f.Read = "lab02_reuseaddr/TestRestartRefusesClients"
	}
	return err == nil && text == want, f
}

// expectRefused expects that nobody listens. To connect, and see, might keep Drain accepting.
func (d *draining) expectRefused() {
	d.t.Helper()
	listens := func(s kernel.Socket) bool { return s.State == kernel.Listening && s.Local.String() == d.server.Address }
	for limit := time.Now().Add(grading.Patience); ; time.Sleep(2 * time.Millisecond) {
		table, err := kernel.AllSockets()
		require.NoError(d.t, err)
		if !slices.ContainsFunc(table, listens) {
			return
		}
		d.g.Expect(time.Now().Before(limit), grading.Finding{
			Sentence: "refused", Mistake: "the listener stays open", Expected: "who comes later is refused", Seen: "it listens",
		})
	}
}

func (d *draining) expectResult(got *drained, served, ended int) {
	d.t.Helper()
	d.g.Expect(got.Served == served && got.Ended == ended && got.Err == nil, grading.Finding{
		Sentence: "result", Mistake: "Drain doesn't return what it has done", Expected: fmt.Sprintf("%d served, %d ended, no error", served, ended),
		Seen: fmt.Sprintf("%d served, %d ended, %v", got.Served, got.Ended, got.Err.Err()),
	})
}

func hangsUp(sentence string) grading.Finding {
	return grading.Finding{Sentence: sentence, Mistake: "Drain waits, and need not", Expected: "it returns when all are served, or grace is over"}
}
