package exercise_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
)

// setBefore sets what Go or the caller may have set before the call. Some of these settings are right except for one:
// keepalive is off, or the count is 1. There may be a TCP_USER_TIMEOUT, short or long.
func (f *finding) setBefore(c *conn, t times) {
	f.g.T().Helper()
	seconds := int(t.Within / time.Second)
	idle := min(seconds/2, 32767)
	rest := seconds - idle
	switch rand.IntN(8) {
	case 0:
		c.setKeepalive(1, 15, 15, 9) // as Go does
	case 1:
		c.setKeepalive(0, idle, max(1, rest/2), 2)
	case 2:
		c.setKeepalive(1, idle, min(rest, 32767), 1)
	case 3:
		c.setKeepalive(1, 1, 1, 2)
	case 4:
		c.setKeepalive(1, 32767, 32767, 127)
	case 5:
		c.setKeepalive(0, 1+rand.IntN(32767), 1+rand.IntN(32767), 1+rand.IntN(127))
	}
	c.setOption(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, []int{0, 1 + rand.IntN(1000), 1 + rand.IntN(math.MaxInt32)}[rand.IntN(3)])
	c.before = c.userTimeout()
}

// checkSettings reads back what was set, and judges it.
func (f *finding) checkSettings(c *conn, t times, got watched) {
	f.g.T().Helper()
	within, err := t.Within, got.Err.Err()
	settings := kernel.Keepalive(f.g.Experiment, c.socket)
	after := settings.Idle + time.Duration(settings.Count)*settings.Interval
	seen := inWords(settings, after)
	refused := grading.Finding{
		Sentence: "in-time",
		Mistake:  "the kernel refuses a setting",
		Expected: "settings for " + story.Duration(within) + " that the kernel takes",
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestLimitsOfSettings",
	}
	if c.before != 0 && !errors.Is(err, unix.EINVAL) {
		refused.Sentence, refused.Mistake = f.told, "an error is returned, although the kernel refuses nothing"
		refused.Expected, refused.Read = "no error, whatever else the caller has set", f.read
	}
	f.g.Expect(err == nil, refused)
	f.g.Expect(settings.Enable, grading.Finding{
		Sentence: "in-time",
		Mistake:  "keepalive is off: settings alone send no probes",
		Expected: "keepalive is on",
		Seen:     fmt.Sprintf("the kernel has %+v", settings),
		Read:     "lab03_keepalive/TestSampleOptionByOption",
	})
	f.g.Expect(c.before != 0 || c.userTimeout() == 0, grading.Finding{
		Sentence: "kept",
		Mistake:  "TCP_USER_TIMEOUT ends a connection whose peer is reachable and does not read",
		Expected: "a connection whose peer is reachable is kept",
		Seen:     "TCP_USER_TIMEOUT is " + story.Duration(c.userTimeout()),
		Read:     "lab03_keepalive/TestUserTimeoutEndsWriteToStalledReader",
	})
	f.g.Expect(after <= within, grading.Finding{
		Sentence: "in-time",
		Mistake:  "the peer is found too late",
		Expected: fmt.Sprintf("the connection times out no later than %s after the last segment from the peer", story.Duration(within)),
		Seen:     seen,
		Read:     "lab03_keepalive/TestKeepaliveFindsVanishedPeer",
	})
	f.g.Expect(settings.Count >= 2, grading.Finding{
		Sentence: "second-probe",
		Mistake:  "one lost segment ends a connection whose peer is reachable",
		Expected: fmt.Sprintf("a second probe within %s, if the first goes unanswered", story.Duration(within)),
		Seen:     seen,
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
	f.g.Expect(after >= within/2, grading.Finding{
		Sentence: "not-early",
		Mistake:  "the connection times out far too early",
		Expected: fmt.Sprintf("the connection times out no earlier than %s after the last segment from the peer", story.Duration(within/2)),
		Seen:     seen,
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
}

// inWords describes the settings, and when a connection times out by them.
func inWords(settings net.KeepAliveConfig, after time.Duration) string {
	return fmt.Sprintf("after %s idle, %s, %s apart: the connection times out after %s",
		story.Duration(settings.Idle), story.Count(settings.Count, "probe"), story.Duration(settings.Interval), story.Duration(after))
}
