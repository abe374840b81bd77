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
	"socketlabs/lab04_compare/exercise"
)

// siege is an attempt at some servers of the student's, all in one process.
type siege struct {
	t       *testing.T
	g       *grading.Grader
	times   time.Duration // how many times the shortest the limits are
	servers []*server
	sockets int // of the student's process, without clients
	begun   int // scripts

	returning string // the sentence that a server breaks which returns

	going    context.Context // until the first finding
	stopIt   context.CancelFunc
	scripts  sync.WaitGroup
	returned chan *server // one whose Serve has returned

	mu        sync.Mutex
	found     *grading.Finding
	isPerhaps bool // the machine may be to blame
	table     table
}

// table is the kernel's table of sockets at a moment.
type table struct {
	from, to time.Time // it was read
	states   map[[2]string]kernel.SocketState
}

func newSiege(t *testing.T, g *grading.Grader, times time.Duration) *siege {
	s := &siege{t: t, g: g, times: times, returning: "result", returned: make(chan *server, 10)}
	s.going, s.stopIt = context.WithCancel(t.Context())
	g.AtEnd(s.stopIt)
	g.Experiment.Go(s.watch)
	return s
}

// watch reads the kernel's table of sockets until the siege is over.
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

// tableSince is one that was read after a moment. It has no time if there is none yet.
func (s *siege) tableSince(moment time.Time) (read table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table.from.After(moment) {
		read = s.table
	}
	return read
}

// reject notes the first finding, which ends the siege.
func (s *siege) reject(f grading.Finding, isPerhaps bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found == nil && s.going.Err() == nil {
		s.found, s.isPerhaps = &f, isPerhaps
		s.stopIt()
	}
}

// await waits until all scripts are over. It returns a finding for which the machine may be to blame, and ends the
// grading with any other.
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
		s.t.FailNow() // the harness has said why
	}
	if found == nil {
		return nil
	}
	s.stopIt()
	s.scripts.Wait()
	for _, server := range s.servers {
		const itself = 100 * time.Millisecond // that it may take to return
		server.serving.ReturnsWithin(itself)
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

// server is one of the student's, and what its grader knows of it.
type server struct {
	*siege
	limits  exercise.Limits
	address string
	name    string // in every answer
	handle  grading.Handle[*served]
	serving *grading.Running
	err     error  // what Serve has returned
	unable  string // why the kernel can't be made to refuse something here

	mayReturn bool // its end was asked for
	isLate    bool // its context has a deadline that has passed

	listenerIsLate bool // and so does its listener

	planning sync.Mutex
	plans    map[string]*plan
}

func (s *siege) start(limits exercise.Limits, oneHopAway bool) *server {
	s.t.Helper()
	v := s.listen(limits, oneHopAway)
	v.serve()
	return v
}

func (s *siege) listen(limits exercise.Limits, oneHopAway bool) *server {
	s.t.Helper()
	v := &server{siege: s, limits: limits, name: grading.Text(6), plans: make(map[string]*plan)}
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
		v.err, v.unable = got.Err.Err(), got.Unable
	})
}

// loopback is an address of either family, where that is the same to the grader.
func loopback(matters bool) string {
	if !matters && harness.BothFamilies.Missing() == "" && time.Now().UnixNano()%2 == 0 {
		return "[::1]:0"
	}
	return harness.Loopback()
}

func (v *server) stop() {
	v.g.Prepare("the end of a context", func() { endServing.On(v.g, toEnd{Server: v.handle}) })
}

// mustServe fails if Serve has returned.
func (v *server) mustServe() {
	v.t.Helper()
	if v.mayReturn || !v.serving.ReturnsWithin(0) {
		return
	}
	v.serving.Wait(0, grading.Finding{}) // says whether it has panicked
	v.g.Expect(false, grading.Finding{
		Sentence: v.returning,
		Mistake:  "Serve returns while clients are there",
		Expected: "it goes on, whatever a client does, until ctx ends or the listener is closed",
		Seen:     fmt.Sprintf("it returns: %v", v.err),
	})
}

// expectNoListener expects that nobody listens any more.
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
