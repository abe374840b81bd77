package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
)

// settingsFitSilence starts servers with many values of silence, and reads back which options they set.
func settingsFitSilence(g *grading.Grader) {
	g.T().Helper()
	seconds := []int{600, 2, 3, 4, 5, 7, 3600, 602} // the first shows whether settings are too short
	seconds = append(seconds, misrounded(time.Duration.Minutes, 60), misrounded(time.Duration.Hours, 3600))
	for most := 12; most < 3600; most *= 2 {
		seconds = append(seconds, most/2+rand.IntN(most/2))
	}
	rand.Shuffle(len(seconds)-1, func(i, j int) { seconds[i+1], seconds[j+1] = seconds[j+1], seconds[i+1] })
	const judged, longest = 3, time.Second
	var closing, ending quickest
	for i, silence := range seconds {
		goroutines := g.Goroutines()
		s := startServing(g, time.Duration(silence)*time.Second, []time.Duration{none, byGo}[i%2])
		client := s.dial()
		_, err := s.ask(client)
		require.NoError(g.T(), err)
		s.judgeSettings(client.LocalAddr().String())
		require.NoError(g.T(), client.Close())
		var left []string
		s.closeInRush(func() {
			if ending.calls == judged {
				return
			}
			var goOn time.Duration
			returned := time.Now()
			left, goOn = newGoroutines(g, goroutines, longest)
			if goOn > 0 || time.Since(returned) < longest/4 { // else this machine was busy, and they may have ended before the look
				ending.see(goOn)
			}
		})
		if closing.see(s.took); closing.calls < judged {
			continue
		}
		g.Expect(closing.took < longest, grading.Finding{
			Sentence: "until-closed",
			Mistake:  "Serve waits when its listener is closed",
			Expected: "it closes its connections, and returns",
			Seen:     "the quickest of several calls has returned after " + story.Duration(closing.took),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
		g.Expect(ending.calls < judged || ending.took < longest/4, grading.Finding{
			Sentence: "nothing-left",
			Mistake:  "Serve has returned, and its goroutines go on",
			Expected: "its goroutines have ended when Serve returns",
			Seen: fmt.Sprintf("in the quickest of several calls, the goroutines went on for %s; at last there were: %s",
				story.Duration(ending.took), strings.Join(left, ", ")),
			Read: "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
}

// misrounded returns one of the times for which floating-point minutes or hours lose a second: they are a little too short.
func misrounded(in func(time.Duration) float64, seconds float64) int {
	for {
		s := 2 + rand.IntN(3600-1)
		if int(in(time.Duration(s)*time.Second)*seconds) < s {
			return s
		}
	}
}

// serversEnd returns the server's end of a connection. The caller closes this copy of the descriptor soon.
func (s *serving) serversEnd(client string) *conn {
	s.g.T().Helper()
	var err error
	s.g.Prepare("handing the connection over", func() { err = giveConnOf.On(s.g, ends{s.at.Address, client}).Err() })
	require.NoError(s.g.T(), err)
	c := &conn{g: s.g}
	c.socket, err = s.g.Take()
	require.NoError(s.g.T(), err)
	return c
}

// judgeSettings judges the options of the server's end of a connection. TestUserTimeoutOverridesProbeCount shows what they
// do together.
func (s *serving) judgeSettings(client string) {
	s.g.T().Helper()
	c := s.serversEnd(client)
	defer c.socket.Close()
	settings, userTimeout := kernel.Keepalive(s.g.Experiment, c.socket), c.userTimeout()
	probes := settings.Count
	if userTimeout > 0 {
		probes = max(1, int((userTimeout-settings.Idle+settings.Interval-1)/settings.Interval))
	}
	after := settings.Idle + time.Duration(probes)*settings.Interval
	expected := fmt.Sprintf("a timeout %s after the last segment from the client, or at most a second later", story.Duration(s.silence))
	seen := fmt.Sprintf("keepalive on: %t, after %s idle, %s apart, %s; TCP_USER_TIMEOUT: %s", settings.Enable,
		story.Duration(settings.Idle), story.Duration(settings.Interval), story.Count(settings.Count, "probe"), story.Duration(userTimeout))
	late := s.silence + time.Second
	s.g.Expect(settings.Enable && after <= late, grading.Finding{
		Sentence: "vanished",
		Mistake:  "by the settings, the connections of vanished clients do not time out, or time out too late",
		Expected: expected,
		Seen:     seen + ": timeout after " + story.Duration(after),
		Read:     "lab03_keepalive/TestUserTimeoutOverridesProbeCount",
	})
	s.g.Expect(userTimeout > 0 && userTimeout <= late, grading.Finding{
		Sentence: "in-flight",
		Mistake:  "by the settings, connections of vanished clients with data in flight do not time out, or time out too late",
		Expected: expected,
		Seen:     seen,
		Read:     "lab03_keepalive/TestDataInFlightSilencesProbes",
	})
	s.g.Expect(after >= s.silence && userTimeout >= s.silence, grading.Finding{
		Sentence: "not-early",
		Mistake:  "by the settings, connections time out too early",
		Expected: expected,
		Seen:     seen + ": timeout after " + story.Duration(min(after, userTimeout)),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
	s.g.Expect(c.options()["IP_RECVERR"] == 0 && c.options()["IPV6_RECVERR"] == 0, grading.Finding{
		Sentence: "not-early",
		Mistake:  "an ICMP error ends a connection at once: IP_RECVERR or IPV6_RECVERR is on",
		Expected: "both are off: then the kernel goes on, and the client is still served if its host is back in time",
		Seen:     seen,
		Read:     "lab01_timeout/TestICMPErrorLeavesConnectionAlone",
	})
}
