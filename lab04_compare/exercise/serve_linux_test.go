package exercise_test

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
)

// TestServe: a server gives back what clients held that failed in any way of the decision table, and
// drops no healthy one.
//
// Points: 20
// Read: TestDecisionTable, TestRobustServerOutlivesItsClients, TestHungApplicationAnswersProbes, lab01_timeout/TestOneDeadlineBoundsWholeExchange
// Hint: Draw what the server may be waiting for: the first byte of a line, the rest of it, or room for an
// answer. Each of them has a limit of its own, so a deadline belongs before each.
// Hint: No option of the kernel finds a program that hangs; its kernel answers for it. Go to the column of
// the decision table that finds it.
// Hint: A deadline is a moment: set once for the whole of a question, bytes that come now and then do not
// move it. bufio.Reader's Peek waits for the first byte without taking it, and may be called again after
// a timeout.
// Hint: Let each client have one goroutine that reads, and writes between its reads; context.AfterFunc can
// close its connection when ctx ends, and a WaitGroup tells when all are done.
// Hint: Close does not end a connection whose peer is silent: the kernel goes on with it. SO_LINGER 0 does.
func TestServe(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers, kernel.SocketTable)
	const patiently = 4
	if !survives(t, g, 1) {
		g.Step("perhaps this machine was too busy to answer a ping: once more, with limits %d times as long", patiently)
		survives(t, g, patiently)
	}
}

// survives grades a server whose limits are so many times the shortest. It returns false if a healthy
// client was dropped and these are the shortest; otherwise that is a mistake like others.
func survives(t *testing.T, g *grading.Grader, times time.Duration) (kept bool) {
	s := startServer(t, g, times)
	defer s.leave()
	defer func() {
		if dropped := recover(); dropped != nil && dropped != tooSoonToTell {
			panic(dropped)
		}
	}()
	s.answersOneClient()
	alone := goroutinesOfExercise()
	idle, others := s.connectHealthy()
	failing := s.connectFailing()
	s.awaitGivenBack(failing, append(others, idle))

	g.Step("those that did not fail are served still, and leave")
	for _, c := range others {
		s.expectAnswer(c, c.asked)
	}
	s.expectPatience(idle)
	s.ask(idle, grading.Text(10))
	for _, c := range append(others, idle) {
		require.NoError(t, c.conn.Close())
	}
	s.expectNothingLeft(alone)
	s.endsWithContext()
	return true
}

// answersOneClient is where an exercise shows that was not begun.
func (s *server) answersOneClient() {
	s.g.Step("a client asks, is answered, and leaves")
	c := s.connect(false)
	s.ask(c, grading.Text(10))
	require.NoError(s.t, c.conn.Close())
	s.awaitDescriptors(0, grading.Finding{
		Mistake:  "the end of a connection is not heeded: the client has left, and the server keeps its end open",
		Expected: "the server closes its end of the connection as well",
		Read:     "lab03_keepalive/TestKilledProcessNeedsNoKeepalive",
	})
}

// awaitGivenBack waits until the kernel has nothing left of those that fail, and watches that nobody is
// dropped who should not be.
func (s *server) awaitGivenBack(failing []*failingClient, healthy []*client) {
	longest := max(s.limits.Question, s.limits.Quiet+s.limits.Answer)
	s.g.Step("the server finds out who has failed, within %v", longest)
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for begun, left := time.Now(), failing; len(left) > 0; <-poll.C {
		s.mustServe()
		for _, c := range healthy {
			s.expectConnected(c)
		}
		states := s.statesByClient()
		now := time.Now() // what is gone was gone by now
		var still []*failingClient
		for _, c := range left {
			if states[c.address] != "" {
				still = append(still, c)
				continue
			}
			s.g.Outcome(harness.Server, "has given back: a client that %s", c.way.name)
			s.g.Expect(now.Sub(c.begun) >= c.way.not, grading.Finding{
				Mistake:  "a client is dropped before its time is over: one that " + c.way.name,
				Expected: "the server waits for it for " + story.Duration(c.way.not),
				Seen:     fmt.Sprintf("it is dropped %s after its last question", story.Duration(now.Sub(c.begun))),
				Read:     c.way.read,
			})
		}
		left = still
		if len(left) > 0 && now.Sub(begun) > longest+grading.Patience {
			s.rejectHeld(left[0], states[left[0].address])
		}
	}
	s.awaitDescriptors(len(healthy), grading.Finding{
		Mistake:  "the descriptor of a failed client stays open",
		Expected: fmt.Sprintf("%d descriptors, for the %[1]d clients that did not fail", len(healthy)),
		Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
	})
}

func (s *server) rejectHeld(c *failingClient, state kernel.SocketState) {
	f := grading.Finding{
		Mistake:  c.way.mistake,
		Expected: "nothing is left of a client that " + c.way.name,
		Seen:     fmt.Sprintf("its connection is %s, %s after its last question", state, story.Duration(time.Since(c.begun).Round(time.Second))),
		Read:     c.way.read,
	}
	if state != kernel.Established && state != kernel.CloseWait {
		f.Mistake = "the program has let go of a client, and the kernel has not: it goes on with the connection"
		f.Read = "lab02_reuseaddr/TestLingerZeroLosesData"
	}
	s.g.Expect(false, f)
}

// statesByClient is what the kernel has at the server's address, by the clients' own addresses.
func (s *server) statesByClient() map[string]kernel.SocketState {
	table, err := kernel.AllSockets()
	require.NoError(s.t, err)
	states := make(map[string]kernel.SocketState)
	for _, socket := range table {
		if socket.Local.String() == s.address {
			states[socket.Remote.String()] = socket.State
		}
	}
	return states
}

// expectPatience: a ping comes when the client was silent for a while, and not before.
func (s *server) expectPatience(idle *client) {
	silent := time.Since(idle.since)
	most := int(silent / s.limits.Quiet)
	s.g.Expect(int(idle.pings.Load()) <= most, grading.Finding{
		Mistake:  "a client is asked whether it is there though it was not silent for long",
		Expected: fmt.Sprintf("a ping after each %s of silence: %d in %s", story.Duration(s.limits.Quiet), most, story.Duration(silent)),
		Seen:     fmt.Sprintf("%d", idle.pings.Load()),
		Read:     "lab03_keepalive/TestTrafficPostponesProbes",
	})
}

func (s *server) expectNothingLeft(alone int) {
	s.awaitDescriptors(0, grading.Finding{
		Mistake:  "a client has left, and its descriptor stays open",
		Expected: "none, for there are no clients any more",
	})
	limit := time.Now().Add(grading.Patience)
	left := goroutinesOfExercise()
	for ; left > alone && time.Now().Before(limit); left = goroutinesOfExercise() {
		time.Sleep(10 * time.Millisecond)
	}
	s.g.Expect(left <= alone, grading.Finding{
		Mistake:  "goroutines of clients that are gone are left behind",
		Expected: fmt.Sprintf("%d, as before these clients came", alone),
		Seen:     story.Count(left, "goroutine"),
		Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
	})
}

func (s *server) endsWithContext() {
	c := s.connect(false)
	s.ask(c, grading.Text(10))
	s.g.Step("a client is connected, and idle; ctx ends")
	s.stop()
	s.serving.Wait(0, grading.Finding{
		Mistake:  "Serve does not return when ctx ends",
		Expected: "it closes the listener and the connections, and returns: an idle client is no reason to wait",
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	})
	s.g.Expect(s.err == nil, grading.Finding{
		Mistake:  "the end that was asked for passes for an error",
		Expected: "Serve returns nil when ctx ends",
		Seen:     fmt.Sprint(s.err),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	s.g.Expect(c.hasEnded(grading.Patience), grading.Finding{
		Mistake:  "Serve returns and leaves a connection open",
		Expected: "all connections are closed when it returns",
		Seen:     "an idle client is connected still",
	})
	conn, err := net.Dial("tcp", s.address)
	if err == nil {
		conn.Close()
	}
	s.g.Expect(err != nil, grading.Finding{
		Mistake:  "Serve returns and leaves the listener open",
		Expected: "nobody listens any more",
		Seen:     "a client can connect",
	})
}

// goroutinesOfExercise counts the goroutines that run the student's code, or were started by it.
func goroutinesOfExercise() (n int) {
	text := make([]byte, 4<<20)
	text = text[:runtime.Stack(text, true)]
	for goroutine := range strings.SplitSeq(string(text), "\n\n") {
		if strings.Contains(goroutine, "socketlabs/lab04_compare/exercise.") {
			n++
		}
	}
	return n
}
