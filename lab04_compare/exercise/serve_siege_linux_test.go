package exercise_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// siege is one attempt to grade Serve, with several servers in the student's process, and many clients.
type siege struct {
	t       *testing.T
	g       *grading.Grader
	times   time.Duration // the limits are so many times as long as in the first attempt
	servers []*server
	sockets int // of the student's process, without clients
	begun   int // number of scripts that have begun

	questions, answers, pings *server // each has short limits for these only

	returning string // the sentence that Serve breaks if it returns too early

	going    context.Context // until the first finding
	stopIt   context.CancelFunc
	scripts  sync.WaitGroup
	returned chan *server // the servers whose Serve has returned

	mu        sync.Mutex
	found     *grading.Finding
	isPerhaps bool // a busy machine may have caused it
	table     table
}

// table is the kernel's table of sockets at a moment.
type table struct {
	from, to time.Time // when the grader began to read it, and when it had read it
	states   map[[2]string]kernel.SocketState
}

func newSiege(t *testing.T, g *grading.Grader, times time.Duration) *siege {
	s := &siege{t: t, g: g, times: times, returning: "result", returned: make(chan *server, 30)}
	s.going, s.stopIt = context.WithCancel(t.Context())
	g.AtEnd(s.stopIt)
	g.Experiment.Go(s.watch)
	s.startServers()
	return s
}

// watch reads the kernel's table of sockets again and again, until the siege is over.
func (s *siege) watch() {
	for harness.Passed(s.going, 15*time.Millisecond) {
		now := table{from: time.Now(), states: make(map[[2]string]kernel.SocketState)}
		sockets, err := kernel.AllSockets()
		assert.NoError(s.t, err)
		now.to = time.Now()
		for _, socket := range sockets {
			now.states[[2]string{socket.Local.String(), socket.Remote.String()}] = socket.State
		}
		s.mu.Lock()
		s.table = now
		s.mu.Unlock()
	}
}

// tableSince returns a table that was read after a moment. Its states are nil if there is no such table yet.
func (s *siege) tableSince(moment time.Time) (read table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table.from.After(moment) {
		read = s.table
	}
	return read
}

// reject records the first finding, which ends the siege.
func (s *siege) reject(f grading.Finding, isPerhaps bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found == nil && s.going.Err() == nil {
		s.found, s.isPerhaps = &f, isPerhaps
		s.stopIt()
	}
}

// await waits until all scripts are over. It returns a finding that a busy machine may have caused. Any other finding ends
// the grading.
func (s *siege) await() (perhaps *grading.Finding) {
	s.t.Helper()
	done := make(chan struct{})
	go func() {
		s.scripts.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-s.going.Done():
	case early := <-s.returned:
		early.mustServe()
		<-done
	}
	found, isPerhaps := s.whatWasFound()
	if found == nil && s.going.Err() != nil {
		s.t.FailNow() // the harness has reported why
	}
	if found == nil {
		return nil
	}
	s.stopIt()
	s.scripts.Wait()
	for _, server := range s.servers {
		const soon = 100 * time.Millisecond // a Serve that is ending returns within this time
		server.serving.ReturnsWithin(soon)
		server.mustServe()
		server.stop()
	}
	s.g.Expect(isPerhaps, *found)
	return found
}

func (s *siege) whatWasFound() (found *grading.Finding, isPerhaps bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found, s.isPerhaps
}

// server is a call of Serve in the student's process, and what the grader knows about it.
type server struct {
	*siege
	limits  exercise.Limits
	address string
	name    string // every usual answer begins with it
	handle  grading.Handle[*served]
	serving *grading.Running
	err     error  // what Serve has returned
	changed string // a question that changed after the function answer was called with it
	unable  string // why the kernel can't be made to refuse calls on this machine

	mayReturn bool // the grader has ended it, so Serve may return
	isLate    bool // its context has a deadline that has passed

	listenerIsLate bool // its listener has a deadline that has passed

	planning sync.Mutex
	plans    map[string]*plan // by question
	called   map[string]int   // how many times the function answer was called, by question
}

func (s *siege) start(limits exercise.Limits, oneHopAway bool) *server {
	s.t.Helper()
	v := s.listen(limits, oneHopAway)
	v.serve()
	return v
}

func (s *siege) listen(limits exercise.Limits, oneHopAway bool) *server {
	s.t.Helper()
	v := &server{siege: s, limits: limits, name: grading.Text(6), plans: make(map[string]*plan), called: make(map[string]int)}
	s.g.Prepare("to listen", func() {
		l := listenAt.On(s.g, place{loopback(oneHopAway), oneHopAway})
		v.handle, v.address, v.err = l.Server, l.Address, l.Err.Err()
	})
	require.NoError(s.t, v.err)
	s.servers = append(s.servers, v)
	return v
}

func (v *server) serve(refused ...refuse.Call) {
	answer := grading.NewCallback(v.g, v.answer)
	v.serving = v.g.Go("Serve", func() {
		defer func() { v.returned <- v }()
		got := serve.On(v.g, toServe{v.handle, v.limits, answer, refused, v.isLate, v.listenerIsLate})
		v.err, v.unable, v.changed = got.Err.Err(), got.Unable, got.Changed
	})
}

// endsEarly: ctx ends just after Serve has accepted its first client. The quickest of several ends counts.
func (s *siege) endsEarly() {
	s.t.Helper()
	const attempts = 3
	quickest := time.Hour
	for i := 0; i < attempts && quickest >= tooLate; i++ {
		s.g.Step("a server begins, and a client asks; then ctx ends")
		v := s.start(exercise.Limits{Question: time.Hour, Answer: time.Hour, Quiet: time.Hour}, false)
		v.begin(script{"has just come", func(c *client) { c.ask("line", grading.Text(10)) }})
		s.awaitAll()
		v.mayReturn = true
		began := time.Now()
		v.stop()
		v.expectReturn(byContext)
		quickest = min(quickest, time.Since(began))
	}
	s.g.Expect(quickest < tooLate, grading.Finding{
		Sentence: "stop", Mistake: "Serve returns late when ctx ends soon after a client has come", Expected: "it returns at once",
		Seen: "the quickest of several ends takes " + story.Duration(quickest),
	})
}

func (v *server) stop() {
	v.g.Prepare("the end of a context", func() { endServing.On(v.g, toEnd{Server: v.handle}) })
}

// mustServe ends the grading if Serve has returned although it may not.
func (v *server) mustServe() {
	v.t.Helper()
	if v.mayReturn || !v.serving.ReturnsWithin(0) {
		return
	}
	v.serving.Wait(0, grading.Finding{}) // reports a panic, if there was one
	v.g.Expect(false, grading.Finding{
		Sentence: v.returning,
		Mistake:  "Serve returns while clients are there",
		Expected: "it goes on, whatever a client does, until ctx ends or the listener is closed",
		Seen:     fmt.Sprintf("it returns: %v", v.err),
	})
}

// expectNoListener waits until nobody listens.
func (v *server) expectNoListener(when string) {
	v.t.Helper()
	listens := func(s kernel.Socket) bool { return s.State == kernel.Listening && s.Local.String() == v.address }
	for limit := time.Now().Add(grading.Patience); ; time.Sleep(5 * time.Millisecond) {
		table, err := kernel.AllSockets()
		require.NoError(v.t, err)
		if !slices.ContainsFunc(table, listens) {
			return
		}
		v.g.Expect(time.Now().Before(limit), grading.Finding{
			Sentence: "stop", Mistake: "the listener stays open " + when, Expected: "it is closed at once, when ctx ends", Seen: "it listens",
		})
	}
}
