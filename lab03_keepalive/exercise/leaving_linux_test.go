package exercise_test

import (
	"fmt"
	"maps"
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
	const attempts, soon = 3, time.Second // a busy machine may be late: one of several attempts has to be in time
	staying := s.clients(1)
	before := len(staying)
	s.awaitHeld(before, grading.Patience)
	goroutines := s.g.Holdings().Goroutines
	f := grading.Finding{
		Sentence: "hangs-up",
		Mistake:  "a connection that its client has ended is not closed",
		Expected: "the server closes its descriptor at once",
		Read:     "lab03_keepalive/TestKilledProcessNeedsNoKeepalive",
	}
	for range attempts {
		leaving := s.clients(3)
		stalled, _, _ := s.stalled()
		s.g.Step("four clients leave: one closes, one sends its FIN, one resets its connection, and so does one that does not read")
		begun := time.Now()
		require.NoError(s.g.T(), leaving[0].Close())
		require.NoError(s.g.T(), leaving[1].CloseWrite())
		require.NoError(s.g.T(), leaving[2].SetLinger(0))
		require.NoError(s.g.T(), leaving[2].Close())
		require.NoError(s.g.T(), stalled.SetLinger(0))
		require.NoError(s.g.T(), stalled.Close())
		held := s.awaitHeld(before, grading.Patience)
		took := time.Since(begun)
		f.Seen = fmt.Sprintf("%s, for %s", story.Count(held, "descriptor"), story.Count(before, "client"))
		s.g.Expect(held <= before, f)
		goOn := s.newGoroutines(goroutines, 2*soon)
		s.g.Expect(len(goOn) == 0, grading.Finding{
			Sentence: f.Sentence,
			Mistake:  "clients have left, and goroutines that have served them go on",
			Expected: "they end when the connection ends",
			Seen:     "still running: " + strings.Join(goOn, ", "),
			Read:     f.Read,
		})
		if took < soon {
			require.NoError(s.g.T(), staying[0].Close())
			return
		}
		f.Mistake, f.Seen = "a connection that its client has ended is closed late", "after "+story.Duration(took)
	}
	s.g.Expect(false, f)
}

// newGoroutines waits until the student's process has only goroutines that it had before, or the limit is over. It returns
// where the other goroutines are in the student's code.
func (s *serving) newGoroutines(before map[string]string, limit time.Duration) (left []string) {
	s.g.T().Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for begun := time.Now(); ; <-poll.C {
		now := s.g.Holdings().Goroutines
		maps.DeleteFunc(now, func(name, _ string) bool { return before[name] != "" })
		if left = slices.Sorted(maps.Values(now)); len(left) == 0 || time.Since(begun) > limit {
			return left
		}
	}
}
