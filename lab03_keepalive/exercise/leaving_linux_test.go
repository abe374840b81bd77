package exercise_test

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// dropsLeavingClients expects that clients that end their connections, in several ways, are dropped at once.
func (s *serving) dropsLeavingClients() {
	s.g.T().Helper()
	s.drops("seven clients leave: one closes, as does one that has sent nothing; one sends its FIN; one resets its connection, and so do "+
		"three that do not read the echo; one of these has sent its FIN", func() (begun time.Time) {
		silent := s.dial()
		leaving := s.clients(3)
		stalled, _, _ := s.stalled()
		waiting, brimful := s.stalledEcho(), s.fillUp(0)
		require.NoError(s.g.T(), waiting.CloseWrite())
		begun = time.Now()
		require.NoError(s.g.T(), silent.Close())
		require.NoError(s.g.T(), leaving[0].Close())
		require.NoError(s.g.T(), leaving[1].CloseWrite())
		for _, client := range []*net.TCPConn{leaving[2], stalled, waiting, brimful.client} {
			require.NoError(s.g.T(), client.SetLinger(0))
			require.NoError(s.g.T(), client.Close())
		}
		return begun
	})
}

// servesBesideLeaving expects that a client is served at once while the server drops another one, which has sent its FIN and
// does not read: with SO_LINGER, Close waits for that client.
func (s *serving) servesBesideLeaving() {
	s.g.T().Helper()
	const attempts, soon = 4, 500 * time.Millisecond // a busy machine may be late: one of several attempts has to be in time
	f := grading.Finding{
		Sentence: "many",
		Mistake:  "a client waits for another one, which has sent its FIN and does not read",
		Expected: "it connects, and gets back at once what it has sent",
		Read:     "lab02_reuseaddr/TestLingerBlocksClose",
	}
	for range attempts {
		s.g.Step("a client sends its FIN, and does not read the echo; another one connects, and sends a request")
		leaving := s.stalledEcho()
		require.NoError(s.g.T(), leaving.CloseWrite())
		time.Sleep(50 * time.Millisecond) // for the server to read the FIN
		begun := time.Now()
		client := s.dial()
		got, err := s.ask(client)
		took := time.Since(begun)
		for _, c := range []*net.TCPConn{leaving, client} {
			c.SetLinger(0)
			c.Close()
		}
		f.Seen = fmt.Sprintf("after %s: %q, %v", story.Duration(took), got, err)
		if err != nil {
			break
		}
		if took < soon {
			return
		}
	}
	s.g.Expect(false, f)
}

// dropsWhileAcceptFails expects that a client is dropped at once also while accept fails.
func (s *serving) dropsWhileAcceptFails() {
	s.g.T().Helper()
	s.drops("accept fails, and a client leaves", func() (begun time.Time) {
		leaving := s.clients(1)
		s.acceptFails(true)
		time.Sleep(20 * time.Millisecond) // for accept to fail
		begun = time.Now()
		require.NoError(s.g.T(), leaving[0].Close())
		return begun
	})
}

// drops expects that clients are dropped at once when they leave. It lets accept succeed then.
func (s *serving) drops(how string, leave func() (begun time.Time)) {
	s.g.T().Helper()
	const attempts, soon = 4, 300 * time.Millisecond // a busy machine may be late: one of several attempts has to be in time
	staying := s.clients(1)
	before := len(staying)
	s.awaitHeld(before, grading.Patience)
	goroutines := s.g.Goroutines()
	f := grading.Finding{
		Sentence: "hangs-up",
		Mistake:  "a connection that its client has ended is not closed",
		Expected: "the server closes its descriptor at once",
		Read:     "lab03_keepalive/TestKilledProcessNeedsNoKeepalive",
	}
	for range attempts {
		s.g.Step("%s", how)
		begun := leave()
		held := s.awaitHeld(before, grading.Patience)
		took := time.Since(begun)
		f.Seen = fmt.Sprintf("%s, for %s", story.Count(held, "descriptor"), story.Count(before, "client"))
		s.g.Expect(held <= before, f)
		goOn, late := newGoroutines(s.g, goroutines, 2*time.Second)
		s.g.Expect(len(goOn) == 0, grading.Finding{
			Sentence: f.Sentence,
			Mistake:  "clients have left, and goroutines that have served them go on",
			Expected: "they end when the connection ends",
			Seen:     "still running: " + strings.Join(goOn, ", "),
			Read:     f.Read,
		})
		s.acceptFails(false)
		if took < soon && late < soon {
			require.NoError(s.g.T(), staying[0].Close())
			return
		}
		f.Mistake, f.Seen = "a connection that its client has ended is closed late", "after "+story.Duration(took)
		if took < soon {
			f.Mistake = "a connection is closed when its client has ended it, and goroutines that have served it end later"
			f.Seen = story.Duration(late) + " later"
		}
	}
	s.g.Expect(false, f)
}

// newGoroutines waits until the student's process has only goroutines that it had before, or the limit is over. It returns
// where the other goroutines are in the student's code, and for how long it has seen them: on a busy machine, a look takes long.
func newGoroutines(g *grading.Grader, before map[string]string, limit time.Duration) (left []string, seen time.Duration) {
	g.T().Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	var first time.Time
	for begun := time.Now(); ; <-poll.C {
		now := g.Goroutines()
		maps.DeleteFunc(now, func(name, _ string) bool { return before[name] != "" })
		if left = slices.Sorted(maps.Values(now)); len(left) == 0 || time.Since(begun) > limit {
			return left, seen
		}
		if first.IsZero() {
			first = time.Now()
		}
		seen = time.Since(first)
	}
}
