package exercise_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
)

// TestBoundUnacknowledged: data stays unacknowledged no longer than the limit; while no data is in flight,
// the connection is left alone.
//
// Points: 10
// Read: TestUserTimeoutBoundsDataInFlight, TestDataInFlightSilencesProbes, TestUserTimeoutAloneLeavesIdleConnection, TestLimitsOfUserTimeout, lab01_timeout/TestWriteDeadlineFreesWriter
// Hint: A write returns when our own kernel has taken the data. A write deadline does not bound what comes after that.
// Hint: Keepalive sends no probes while data is in flight. tcp(7) describes the option for that case.
// Hint: net.TCPConn has no method for it: SyscallConn and Control lead to the descriptor, and unix.SetsockoptInt to the option.
// Hint: The option is in milliseconds, a C int, and 0 turns it off.
// Hint: Go turns keepalive on for every connection. What does keepalive do while no data is in flight?
func TestBoundUnacknowledged(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers)
	b := &bounding{g: g, setter: &setter{
		g: g, name: "BoundUnacknowledged", on: boundUnacknowledged, sets: "TCP_USER_TIMEOUT", keepalive: 1,
		rest: "nothing-else", alone: "this-one", ends: "at-once", prompt: "at-once", told: "kernel-error",
		read: "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
		stuck: grading.Finding{
			Sentence: "it-returns",
			Mistake:  "the call does not return",
			Expected: "BoundUnacknowledged returns at once: the kernel does the rest",
			Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
		},
	}}
	b.setter.before, b.setter.check = b.setBefore, b.checkSettings
	b.setter.any = func() times { return times{Within: time.Minute + rand.N(7*24*time.Hour)} }
	b.wholeSeconds()
	b.took.judge(g, "BoundUnacknowledged", "at-once")
	b.anyLimits()
	b.tooLong()
	anew := b.setAnew(times{Within: grading.Between(50*time.Millisecond, 200*time.Millisecond)})
	limit := grading.Between(300*time.Millisecond, 500*time.Millisecond)
	idle := b.leaveIdle(limit)
	dying := []*dying{b.die(limit), b.die(300 * time.Microsecond)}
	away := b.away(30 * time.Second)
	b.anyConnection()
	for _, host := range grading.Hosts() {
		c := connect(g, host)
		b.leavesRestAlone(c, times{Within: time.Minute})
		b.tellsErrors(c, times{Within: time.Minute}, map[string]refusal{
			"TCP_USER_TIMEOUT": {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 7_654_321},
			"SO_KEEPALIVE":     {unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		})
	}
	b.judgeDeadlines()
	for _, d := range dying {
		d.judge()
	}
	away.survives()
	idle.isAsItWas()
	anew.isAsSet()
}

// bounding grades BoundUnacknowledged.
type bounding struct {
	*setter
	g *grading.Grader
}

// bound grades a call with a limit that the option can hold.
func (b *bounding) bound(c *conn, limit time.Duration) {
	b.g.T().Helper()
	b.judge(c, times{Within: limit})
}

// setBefore sets what Go or the caller may have set before the call: keepalive is on, and there is a TCP_USER_TIMEOUT.
func (b *bounding) setBefore(c *conn, t times) {
	b.g.T().Helper()
	c.setKeepalive(1, 1+rand.IntN(32767), 1+rand.IntN(32767), 1+rand.IntN(127))
	same := int((t.Within + time.Millisecond - 1) / time.Millisecond)
	c.setOption(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, []int{1 + rand.IntN(1000), same, 1 + rand.IntN(math.MaxInt32)}[rand.IntN(3)])
	c.before = c.userTimeout()
}

// checkSettings reads back what was set, and judges it.
func (b *bounding) checkSettings(c *conn, t times, got watched) {
	b.g.T().Helper()
	limit, err := t.Within, got.Err.Err()
	b.g.Expect(!errors.Is(err, net.ErrClosed), grading.Finding{
		Sentence: "kept",
		Mistake:  "your code has closed the connection, although its peer is reachable",
		Expected: "the connection stays open until the kernel ends it",
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestUserTimeoutAloneLeavesIdleConnection",
	})
	b.g.Expect(err == nil, grading.Finding{
		Sentence: "bounded",
		Mistake:  "an error is returned for a limit that the option can hold",
		Expected: "no error for a limit of " + limit.String(),
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestLimitsOfUserTimeout",
	})
	is, want := c.userTimeout(), (limit + time.Millisecond - 1).Truncate(time.Millisecond)
	rounded := grading.Finding{
		Sentence: "rounded-up",
		Mistake:  "a limit is not rounded up to the next whole millisecond",
		Expected: fmt.Sprintf("for %v, TCP_USER_TIMEOUT of %v", limit, want),
		Seen:     is.String(),
		Read:     "lab03_keepalive/TestLimitsOfUserTimeout",
	}
	b.g.Expect(is != 0 || limit >= time.Millisecond, rounded)
	f := grading.Finding{
		Sentence: "bounded",
		Mistake:  "TCP_USER_TIMEOUT is longer than the limit",
		Expected: "TCP_USER_TIMEOUT of " + limit.String(),
		Seen:     is.String(),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	}
	switch {
	case is == 0:
		f.Mistake = "nothing bounds the time that data may stay unacknowledged"
		f.Seen = "TCP_USER_TIMEOUT is 0"
		f.Read = "lab03_keepalive/TestDataInFlightSilencesProbes"
	case is == c.before:
		f.Mistake = "the limit is not set: TCP_USER_TIMEOUT is as it was before the call"
	}
	b.g.Expect(is != 0 && (is != c.before || is == want) && is < limit+time.Second, f)
	b.g.Expect(is > limit-time.Second && (is >= limit || limit%time.Second > 0), grading.Finding{
		Sentence: "not-earlier",
		Mistake:  "the connection ends before the limit",
		Expected: "TCP_USER_TIMEOUT of " + limit.String(),
		Seen:     is.String(),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	})
	b.g.Expect(is == want, rounded)
	keepalive := kernel.Keepalive(b.g.Experiment, c.socket)
	b.g.Expect(!keepalive.Enable, grading.Finding{
		Sentence: "idle",
		Mistake:  "the kernel probes an idle connection: keepalive is on",
		Expected: "SO_KEEPALIVE is 0",
		Seen:     fmt.Sprintf("%+v", keepalive),
		Read:     "lab03_keepalive/TestUserTimeoutAloneLeavesIdleConnection",
	})
}

// wholeSeconds grades limits of whole seconds: first 3 s and 24 h, then random ones.
func (b *bounding) wholeSeconds() {
	b.g.T().Helper()
	b.g.Step("limits of whole seconds, one after the other on two connections")
	conns := []*conn{connect(b.g, grading.AnyHost()), connect(b.g, grading.AnyHost())}
	b.judgeNew(conns[0], times{Within: 3 * time.Second})
	b.judgeNew(conns[1], times{Within: 24 * time.Hour})
	for i := range 20 {
		b.bound(conns[i/2%2], time.Duration(3+rand.IntN(7*86400))*time.Second)
	}
}

// anyLimits grades limits of all lengths. They are rounded up to the next millisecond, and no further.
func (b *bounding) anyLimits() {
	b.g.T().Helper()
	const longest = math.MaxInt32 * time.Millisecond
	limits := []time.Duration{1, time.Microsecond, time.Millisecond - 1, time.Millisecond, time.Millisecond + 1, longest - 1, longest}
	// In floating point, their seconds times 1000 are a little more.
	for _, whole := range []time.Duration{1132, 1390, 2023, 3514, 14806, 32188} {
		limits = append(limits, whole*time.Millisecond)
	}
	for most := time.Millisecond; most < longest/2; most *= 3 {
		whole := (most + rand.N(most)).Truncate(time.Millisecond)
		limits = append(limits, whole, whole+1, whole+rand.N(time.Millisecond), whole+time.Millisecond-1)
	}
	rand.Shuffle(len(limits), func(i, j int) { limits[i], limits[j] = limits[j], limits[i] })
	b.g.Step("%d limits, most of them not a whole number of milliseconds", len(limits))
	c := connect(b.g, grading.AnyHost())
	for _, limit := range limits {
		if err := b.set(c, times{Within: limit}).Err; err != nil && !errors.Is(err.Err(), net.ErrClosed) {
			b.g.Expect(limit <= longest-time.Second, grading.Finding{
				Sentence: "too-long",
				Mistake:  "a limit that the option can hold is refused",
				Expected: fmt.Sprintf("%v is set: %d ms", limit, math.MaxInt32),
				Seen:     err.Text,
				Read:     "lab03_keepalive/TestLimitsOfUserTimeout",
			})
		}
		b.bound(c, limit)
	}
}

// tooLong grades limits that the option can't hold.
func (b *bounding) tooLong() {
	b.g.T().Helper()
	const longest, wraps = math.MaxInt32 * time.Millisecond, (1 << 32) * time.Millisecond // to 0, in 32 bits
	limits := []time.Duration{
		longest + 1, longest + time.Millisecond, 30 * 24 * time.Hour, 50 * 24 * time.Hour, 1000 * time.Hour * 24, math.MaxInt64,
		wraps, wraps + time.Millisecond, 3*wraps + rand.N(time.Second),
	}
	b.g.Step("limits that are too long for the option")
	c := connect(b.g, grading.AnyHost())
	for _, i := range rand.Perm(len(limits)) {
		b.setBefore(c, times{Within: rand.N(longest)})
		was := b.unconcerned(c)
		got := b.set(c, times{Within: limits[i]})
		b.g.Expect(got.Err != nil, grading.Finding{
			Sentence: "too-long",
			Mistake:  "the call returns no error for a limit that the option can't hold",
			Expected: fmt.Sprintf("an error for %v: the option has 32 bits", limits[i]),
			Seen:     "no error; TCP_USER_TIMEOUT is " + c.userTimeout().String(),
			Read:     "lab03_keepalive/TestLimitsOfUserTimeout",
		})
		b.g.Expect(c.userTimeout() == c.before, grading.Finding{
			Sentence: "too-long",
			Mistake:  "a limit that the option can't hold is refused, and the option is changed nevertheless",
			Expected: fmt.Sprintf("an error for %v, and TCP_USER_TIMEOUT is %v, as before", limits[i], c.before),
			Seen:     fmt.Sprintf("%s; TCP_USER_TIMEOUT is %v", got.Err.Text, c.userTimeout()),
			Read:     "lab03_keepalive/TestLimitsOfUserTimeout",
		})
		b.isUnconcerned(c, was, "a limit that is too long is refused, and something else of the connection is changed")
	}
	b.isOpen(b.set(c, b.any()), "when a limit is too long")
	b.keepsDeadline(c, "with a limit that is too long", func() { b.set(c, times{Within: math.MaxInt64}) })
}
