package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
)

// TestFindVanished: keepalive finds a peer that has vanished, within the given time and not far too early; a connection
// whose peer is reachable is kept.
//
// Points: 10
// Read: TestKeepaliveFindsVanishedPeer, TestLimitsOfSettings, TestDialerHidesRefusedSettings, TestUserTimeoutEndsWriteToStalledReader
// Hint: Three settings together determine the time. TestKeepaliveFindsVanishedPeer has the formula.
// Hint: net.KeepAliveConfig has all three, and a fourth field, which is easily forgotten. A zero in one of the three does not mean zero.
// Hint: The kernel takes whole seconds, and Go rounds up. Divide seconds, not durations, and add the remainder to the idle time.
// Hint: The kernel refuses an idle time of more than 32767 seconds, and such an interval, too. Their sum may be longer.
func TestFindVanished(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers)
	f := &finding{g: g, setter: &setter{
		g: g, name: "FindVanished", on: findVanished,
		rest: "nothing-else", alone: "this-one", ends: "at-once", prompt: "at-once", told: "kernel-error",
		read: "lab03_keepalive/TestSystemSettingsTakeOverTwoHours",
		stuck: grading.Finding{
			Sentence: "it-returns",
			Mistake:  "the call does not return",
			Expected: "FindVanished chooses settings, and returns at once: the kernel does the rest",
			Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
		},
	}}
	f.setter.before, f.setter.check = f.setBefore, f.checkSettings
	f.setter.any = func() times { return times{Within: time.Duration(3+rand.IntN(86400-2)) * time.Second} }
	f.ofSystem = f.system()
	anew := f.setAnew(times{Within: shortest}) // a timer that runs for `within` has fired at the end
	f.begin()
	f.manyTimes()
	f.others()
	f.anyConnection()
	for _, host := range grading.Hosts() {
		c := connect(g, host)
		f.leavesRestAlone(c, times{Within: time.Minute})
		f.tellsErrors(c, times{Within: time.Minute}, map[string]refusal{
			"SO_KEEPALIVE":  {unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0},
			"TCP_KEEPIDLE":  {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 1234},
			"TCP_KEEPINTVL": {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 1234},
			"TCP_KEEPCNT":   {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 123},
		})
	}
	f.judgeDeadlines()
	f.took.judge(g, "FindVanished", "at-once")
	f.end()
	anew.isAsSet()
}

// finding grades FindVanished.
type finding struct {
	*setter
	g            *grading.Grader
	silent, lost *conn    // the peer of one sends nothing, the peer of the other has vanished
	kept, gone   *reading // Reads on these connections
	ofSystem     []string // the settings of the system before the first call
}

// shortest is the shortest time `within` that the task allows.
const shortest = 3 * time.Second

// begin calls the student's code with two connections, and makes the peer of one vanish.
func (f *finding) begin() {
	f.g.T().Helper()
	f.g.Step("two servers send nothing; a vanished peer is to be found within %v; the host of one server vanishes", shortest)
	f.silent, f.lost = connect(f.g, grading.AnyHost()), connect(f.g, grading.AnyHost())
	for _, c := range []*conn{f.silent, f.lost} {
		f.judgeNew(c, times{Within: shortest})
	}
	link.Vanish(f.g.Experiment, f.lost.peer)
	f.kept, f.gone = f.silent.read(), f.lost.read()
}

// manyTimes grades calls with many times, so that wrong code does not pass by luck: all whole seconds below 300 s, some times
// of each length, and round times, which code may treat in a way of their own.
func (f *finding) manyTimes() {
	f.g.T().Helper()
	const bySystem = 7200 + 9*75 // when the system's own settings time out
	seconds := []int{32766, 32767, 32768, 65534, 65535, 65536, 98301, 86399, bySystem}
	for s := 3; s < 300; s++ {
		seconds = append(seconds, s)
	}
	for _, unit := range []int{300, 1800, 3600} {
		for n := 1; n <= 24; n++ {
			seconds = append(seconds, n*unit)
		}
	}
	for most := 600; most < 86400; most += most / 3 {
		seconds = append(seconds, most/2+rand.IntN(most/2), 300+rand.IntN(86400-300))
	}
	rand.Shuffle(len(seconds), func(i, j int) { seconds[i], seconds[j] = seconds[j], seconds[i] })
	f.g.Step("%d values of within, from 3 s to 24 h", len(seconds))
	var conns []*conn
	for _, host := range grading.Hosts() {
		conns = append(conns, connect(f.g, host), connect(f.g, host))
	}
	for i, s := range seconds {
		if within := time.Duration(s) * time.Second; within <= 24*time.Hour {
			f.judge(conns[i%len(conns)], times{Within: within})
		}
	}
}

// others expects that only the settings of one connection change.
func (f *finding) others() {
	f.g.T().Helper()
	f.g.Step("FindVanished is called with one connection; it was called with a second one before, and never with a third")
	never, before := connect(f.g, grading.AnyHost()), connect(f.g, grading.AnyHost())
	f.judge(before, times{Within: 20 * time.Minute})
	was := []any{kernel.Keepalive(f.g.Experiment, never.socket), kernel.Keepalive(f.g.Experiment, before.socket), f.ofSystem}
	f.judge(connect(f.g, grading.AnyHost()), times{Within: time.Hour})
	is := []any{kernel.Keepalive(f.g.Experiment, never.socket), kernel.Keepalive(f.g.Experiment, before.socket), f.system()}
	f.g.Expect(fmt.Sprint(was) == fmt.Sprint(is), grading.Finding{
		Sentence: "this-one",
		Mistake:  "settings other than those of this connection are changed",
		Expected: fmt.Sprintf("%+v", was),
		Seen:     fmt.Sprintf("%+v", is),
		Read:     "lab03_keepalive/TestSystemSettingsTakeOverTwoHours",
	})
}

// system returns the settings of the system, if they can be read.
func (f *finding) system() (values []string) {
	f.g.T().Helper()
	if kernel.Proc.Missing() != "" {
		return nil
	}
	for _, name := range []string{"time", "intvl", "probes"} {
		values = append(values, kernel.SystemSetting(f.g.Experiment, "ipv4/tcp_keepalive_"+name))
	}
	return values
}

// end waits until the connection with the vanished peer has timed out.
func (f *finding) end() {
	f.g.T().Helper()
	f.g.Step("%v have passed since the last segments from the servers", shortest)
	found := grading.Finding{
		Sentence: "in-time",
		Mistake:  "the connection does not time out, although its peer has vanished",
		Expected: "Read fails with ETIMEDOUT",
		Read:     "lab03_keepalive/TestKeepaliveFindsVanishedPeer",
	}
	f.kept.Waits(time.Until(f.kept.begun.Add(shortest+100*time.Millisecond)), grading.Finding{
		Sentence: "kept",
		Mistake:  "a connection whose peer is reachable, and sends nothing, ends too",
		Expected: "Read returns the next data from the peer",
		Seen:     "Read returned before there was data",
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	})
	f.gone.Wait(shortest, found)
	f.g.Expect(errors.Is(f.gone.err, unix.ETIMEDOUT), endedBy(f.gone.err, found))
	f.silent.peer.Write([]byte("!")) // fails if the connection was reset, and so does the read
	kept := grading.Finding{
		Sentence: "kept",
		Mistake:  "a connection whose peer is reachable, and sends nothing, ends too",
		Expected: "Read returns the next data from the peer",
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	}
	f.kept.Wait(0, kept)
	f.g.Expect(f.kept.err == nil, endedBy(f.kept.err, kept))
	err := f.silent.write("?")
	f.g.Expect(err == nil, grading.Finding{
		Sentence: "nothing-else",
		Mistake:  "later data can't be sent: a deadline has passed",
		Expected: "a connection can be written to at any time",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
}
