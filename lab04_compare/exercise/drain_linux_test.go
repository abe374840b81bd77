package exercise_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
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
// Hint: A timer for each connection can close the connection when grace is over; after SetLinger(0), this close is a reset. Note
// which came first: the timer, or the return of serve.
func TestDrain(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable)
	newDraining(t, g).servesAll(0) // tells at once if the exercise is not begun
	newDraining(t, g).servesSideBySide()
	judgeClosing(t, g)
	judgeHaste(t, g)
	finish := newDraining(t, g).waitsForServe()
	finishWords, finishHalf := newDraining(t, g).readsOn(false), newDraining(t, g).readsOn(true)
	newDraining(t, g).hasLongGrace((1<<32 + 1) * time.Millisecond)
	newDraining(t, g).hasLongGrace(math.MaxInt64)
	newDraining(t, g).servesAll(1 + rand.N(30))
	newDraining(t, g).servesAll(101 + rand.N(60))
	newDraining(t, g).servesAnybody()
	newDraining(t, g).servesWhoCloses()
	newDraining(t, g).keepsOthersOut()
	judgeEnds(t, g)
	newDraining(t, g).hasNoGrace(0)
	newDraining(t, g).hasNoGrace(-time.Second)
	newDraining(t, g).failsAtOnce([]syscall.Errno{syscall.ENOBUFS, syscall.ENOMEM, syscall.EPERM}[rand.N(3)])
	newDraining(t, g).failsAtOnce([]syscall.Errno{syscall.EMFILE, syscall.ENFILE}[rand.N(2)])
	newDraining(t, g).failsAtOnce(syscall.EINVAL) // as after a shutdown
	newDraining(t, g).failsMidway()
	newDraining(t, g).tellsOfFailure()
	finish()
	finishWords()
	finishHalf()
}

// draining is a listener in the student's process, and its clients, which the grader plays.
type draining struct {
	t       *testing.T
	g       *grading.Grader
	server  listening
	clients []*net.TCPConn
	asked   []string

	mu   sync.Mutex
	held map[string]chan struct{} // by question: its answer waits until the channel is closed
	long map[string]bool          // questions whose answers are longer than the buffers of both ends
	big  map[string]bool          // questions whose answers fill the buffer of a client that doesn't read: see bigAnswer
	came map[string]bool          // questions that serve has read

	closes         bool          // serve closes connections itself
	halfCloses     bool          // serve ends its half of a connection itself
	leavesDeadline bool          // serve leaves a deadline that has passed
	isLate         bool          // the listener's deadline has passed
	refused        []refuse.Call // on the thread of Drain
}

func newDraining(t *testing.T, g *grading.Grader) *draining {
	d := &draining{t: t, g: g, held: make(map[string]chan struct{}), long: make(map[string]bool), big: make(map[string]bool), came: make(map[string]bool)}
	g.Prepare("to listen", func() { d.server = listenAt.On(g, place{Address: loopback(false)}) })
	require.NoError(t, d.server.Err.Err())
	return d
}

// come makes a client connect, ask a question, and send more bytes after it.
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

// bigAnswer is how many times an answer repeats the 10 bytes of its question. The client's kernel takes 64 KiB of these 300 kB
// at first, and the server's kernel holds the rest.
const bigAnswer = 30_000

// hold makes the answer to a question wait until goOn is called.
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
		*got = drain.On(d.g, toDrain{d.server.Server, answer, grace, d.closes, d.halfCloses, d.leavesDeadline, d.isLate, d.refused})
	}), got
}

// gets reads everything that comes for a client. err is nil if it ends with the end of the stream.
func (d *draining) gets(conn *net.TCPConn) (text string, err error) {
	require.NoError(d.t, conn.SetReadDeadline(time.Now().Add(grading.Patience)))
	all, err := io.ReadAll(conn)
	return string(all), err
}

// expectAnswer expects that client i gets its whole answer, and then the end of the stream.
func (d *draining) expectAnswer(i int) {
	d.t.Helper()
	ok, f := d.isAnswered(i)
	d.g.Expect(ok, f)
}

// isAnswered reports whether client i gets its whole answer, and then the end of the stream. f is the finding if it doesn't.
func (d *draining) isAnswered(i int) (ok bool, f grading.Finding) {
	d.t.Helper()
	text, err := d.gets(d.clients[i])
	want := d.answerTo(d.asked[i]).String()
	f = grading.Finding{
		Sentence: "last-words", Mistake: "a client doesn't get its whole answer, and the end of the stream after it",
		Expected: story.Count(len(want), "byte") + ", and then the end of the stream",
		Seen:     fmt.Sprintf("%s, and then %s", story.Count(len(text), "byte"), ending(err)),
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

// ending says how the bytes for a client have ended.
func ending(err error) string {
	if err == nil {
		return "the end of the stream"
	}
	return "the error: " + err.Error()
}

// expectRefused waits until nobody listens. It looks into the kernel's table of sockets: a connect could keep Drain accepting.
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
			Sentence: "refused", Mistake: "the listener stays open", Expected: "it is closed: clients that connect later are refused", Seen: "it listens",
		})
	}
}

var notReset = grading.Finding{
	Sentence: "grace", Mistake: "a connection isn't ended by a reset when grace is over",
	Expected: syscall.ECONNRESET.Error(), Seen: "no reset",
}

func (d *draining) expectReset(conn *net.TCPConn) {
	d.t.Helper()
	_, err := d.gets(conn)
	f := notReset
	f.Seen = fmt.Sprint(err)
	d.g.Expect(errors.Is(err, syscall.ECONNRESET), f)
}

func (d *draining) expectResult(got *drained, served, ended int) {
	d.t.Helper()
	f := grading.Finding{
		Sentence: "result", Mistake: "Drain doesn't return what it has done", Expected: fmt.Sprintf("%d served, %d ended, error: <nil>", served, ended),
		Seen: fmt.Sprintf("%d served, %d ended, error: %v", got.Served, got.Ended, got.Err.Err()),
	}
	if errors.Is(got.Err.Err(), os.ErrDeadlineExceeded) {
		f.Sentence, f.Mistake = "queue", "a deadline of the listener is taken for a failure of the listener"
	}
	d.g.Expect(got.Served == served && got.Ended == ended && got.Err == nil, f)
}

// hangs returns the finding on a Drain that does not return.
func hangs(sentence string) grading.Finding {
	return grading.Finding{
		Sentence: sentence, Mistake: "Drain goes on waiting, although it could return",
		Expected: "it returns when all clients are served, or when grace is over",
	}
}

func (d *draining) tellsOfFailure() {
	d.t.Helper()
	d.g.Step("the listener is closed already")
	d.g.Prepare("a close", func() { endServing.On(d.g, toEnd{d.server.Server, true}) })
	call, got := d.begin(time.Hour)
	call.Wait(0, hangs("failed"))
	f := grading.Finding{Sentence: "failed", Mistake: "the listener's error isn't returned", Expected: "net.ErrClosed", Seen: fmt.Sprint(got.Err.Err())}
	d.g.Expect(errors.Is(got.Err.Err(), net.ErrClosed) && got.Served == 0, f)
}
