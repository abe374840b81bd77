package exercise_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// server is the student's, and what its grader knows of it.
type server struct {
	t       *testing.T
	g       *grading.Grader
	limits  exercise.Limits
	isFast  bool   // these are the shortest limits
	name    string // in every answer
	address string

	serving  *grading.Running
	returned chan struct{} // closed when Serve has returned
	err      error         // what it has returned
	stop     context.CancelFunc

	clients   []*client
	listening sync.WaitGroup // clients
}

func startServer(t *testing.T, g *grading.Grader, times time.Duration) *server {
	listener := link.ListenOneHopAway(g.Experiment)
	s := &server{t: t, g: g, isFast: times == 1, name: grading.Text(6), address: listener.Addr().String(), limits: exercise.Limits{
		Question: times * grading.Between(1300*time.Millisecond, 1600*time.Millisecond),
		Answer:   times * grading.Between(1900*time.Millisecond, 2200*time.Millisecond),
		Quiet:    times * grading.Between(400*time.Millisecond, 600*time.Millisecond),
	}}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.returned = stop, make(chan struct{})
	g.Step("the server's limits: %+v", s.limits)
	s.serving = g.Go("Serve", func() {
		defer close(s.returned)
		s.err = exercise.Serve(ctx, listener, s.limits, s.answer)
	})
	return s
}

// mustServe fails if Serve has returned.
func (s *server) mustServe() {
	s.t.Helper()
	select {
	case <-s.returned:
	default:
		return
	}
	s.serving.Wait(0, grading.Finding{}) // says whether it has panicked
	s.g.Expect(false, grading.Finding{
		Mistake:  "Serve returns while clients are there",
		Expected: "it goes on, whatever a client does, until ctx ends",
		Seen:     fmt.Sprintf("it returns: %v", s.err),
	})
}

// client answers every ping, if it is not one that fails.
type client struct {
	fails   bool // and does nothing more after its first answer
	conn    *net.TCPConn
	asked   string // the question whose answer is still to come
	since   time.Time
	answers chan string
	mute    atomic.Bool // it is in the middle of a question, and says nothing else
	pings   atomic.Int32
	ended   chan struct{}
	err     error // that has ended it
}

func (s *server) connect(fails bool) *client {
	c := &client{conn: peer.DialNoKeepalive(s.g.Experiment, s.address), since: time.Now(), fails: fails, answers: make(chan string, 100), ended: make(chan struct{})}
	s.clients = append(s.clients, c)
	s.listening.Go(c.listen)
	return c
}

// leave ends what the grader has begun itself.
func (s *server) leave() {
	s.stop()
	for _, c := range s.clients {
		c.conn.SetLinger(0)
		c.conn.Close()
	}
	s.listening.Wait()
}

func (c *client) listen() {
	lines := bufio.NewReader(c.conn)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case err != nil:
			c.err = err
			close(c.ended)
			return
		case line != "ping\n":
			c.mute.Store(false)
			c.answers <- strings.TrimSuffix(line, "\n")
			if c.fails {
				return
			}
		case !c.mute.Load():
			c.pings.Add(1)
			io.WriteString(c.conn, "pong\n") // if it fails, the next read says why
		}
	}
}

func (c *client) hasEnded(within time.Duration) bool {
	select {
	case <-c.ended:
		return true
	case <-time.After(within):
		return false
	}
}

// ask sends a question, and expects its answer.
func (s *server) ask(c *client, question string) {
	s.t.Helper()
	c.since = time.Now()
	c.pings.Store(0)
	io.WriteString(c.conn, question+"\n") // if it fails, there is no answer
	s.expectAnswer(c, question)
}

func (s *server) expectAnswer(c *client, question string) {
	s.t.Helper()
	answered := make(chan struct{})
	var got string
	go func() {
		defer close(answered)
		select {
		case got = <-c.answers:
		case <-c.ended:
		case <-s.t.Context().Done():
		}
	}()
	s.serving.Reaches(answered, s.limits.Question, grading.Finding{
		Mistake:  "a client is not answered, though it has asked; others are connected and silent, if there are any",
		Expected: "every client is answered, side by side with the others",
		Seen:     "no answer",
	})
	s.mustServe()
	<-answered
	if got == "" {
		s.expectConnected(c)
	}
	f := grading.Finding{
		Mistake:  "the answer is another one",
		Expected: fmt.Sprintf("%q, in a line", s.answer(question)),
		Seen:     fmt.Sprintf("%q", got),
	}
	if got == s.answer("pong") {
		f.Mistake = "a pong is taken for a question"
	}
	s.g.Expect(got == s.answer(question), f)
}

// tooSoonToTell ends an attempt in which a healthy client was dropped, and the machine may be to blame.
var tooSoonToTell = errors.New("a healthy client was dropped")

// expectConnected fails if the server has ended the connection of a healthy client.
func (s *server) expectConnected(c *client) {
	s.t.Helper()
	if !c.hasEnded(0) {
		return
	}
	if s.isFast {
		panic(tooSoonToTell)
	}
	s.g.Expect(false, grading.Finding{
		Mistake:  "a healthy client is dropped",
		Expected: "a client that keeps to the limits and answers every ping stays connected",
		Seen:     fmt.Sprintf("%s after it connected or asked last: %v", story.Duration(time.Since(c.since)), c.err),
		Read:     "lab04_compare/TestTimeoutDropsHealthyIdlePeer",
	})
}

// connectHealthy connects a client that is idle, one that takes its time over a question, and one that
// has an outage.
func (s *server) connectHealthy() (idle *client, others []*client) {
	s.g.Step("three clients come that do not fail: one is idle, one asks slowly, one asks and is out of reach for a moment")
	idle, slow, outage := s.connect(false), s.connect(false), s.connect(false)
	s.ask(idle, grading.Text(10))

	slow.asked = grading.Text(10)
	slow.mute.Store(true)
	pause := s.limits.Question / 2 / time.Duration(len(slow.asked))
	peer.Drip(s.g.Experiment, slow.conn, slow.asked+"\n", pause)

	outage.asked = grading.Text(10)
	link.Vanish(s.g.Experiment, outage.conn)
	_, err := io.WriteString(outage.conn, outage.asked+"\n")
	require.NoError(s.t, err)
	kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, outage.conn, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	link.Return(s.g.Experiment, outage.conn)
	return idle, []*client{slow, outage}
}

// awaitDescriptors waits until the server holds so many descriptors of clients.
func (s *server) awaitDescriptors(n int, f grading.Finding) {
	s.t.Helper()
	held := kernel.DescriptorsAt(s.g.Experiment, s.address)
	for pause := 10 * time.Millisecond; held != n && pause < grading.Patience; pause *= 2 {
		time.Sleep(pause)
		held = kernel.DescriptorsAt(s.g.Experiment, s.address)
	}
	s.mustServe()
	f.Seen = story.Count(held, "descriptor") + " held at the server's address"
	s.g.Expect(held == n, f)
}
