package exercise_test

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
)

// vanished are the clients of a server, some of which have vanished.
type vanished struct {
	*serving
	begun                 time.Time
	idle, asking, staying []*net.TCPConn
	away                  *net.TCPConn      // its host is back in time
	servers               map[string]string // goroutines that serve some of the idle and the asking

	drops *grading.Running // the watch on their descriptors
	late  time.Duration    // how late the quickest was dropped

	reading *net.TCPConn // reads its echo late
	sent    []byte       // by reading
	sentAll <-chan error // the result of its writes
}

// watchedDrops are connections that a server has accepted, and how long the student's process is watched.
type watchedDrops struct {
	All   []ends
	Limit time.Duration
}

// dropsAfter watches the descriptors of connections that will time out. It returns how long after its timeout the quickest
// of them was closed. TCP_INFO says that a connection has timed out; the socket's cookie, which no other socket ever has,
// tells whether its descriptor is still open.
var dropsAfter = grading.Export("watching the descriptors", func(w watchedDrops) (late time.Duration) {
	type socket struct {
		fd     int
		cookie uint64
		gone   time.Time // when the connection was first seen to have timed out
	}
	var open []*socket
	for _, e := range w.All {
		if fd := descriptorOf(e); fd >= 0 {
			cookie, _ := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
			open = append(open, &socket{fd: fd, cookie: cookie})
		}
	}
	var drop quickest
	for limit := time.Now().Add(w.Limit); len(open) > 0 && time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		open = slices.DeleteFunc(open, func(s *socket) bool {
			info, err := unix.GetsockoptTCPInfo(s.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
			cookie, _ := unix.GetsockoptUint64(s.fd, unix.SOL_SOCKET, unix.SO_COOKIE)
			switch closed := cookie != s.cookie; {
			case closed && s.gone.IsZero():
				drop.see(0) // it was closed at once
			case closed:
				drop.see(time.Since(s.gone))
			case err == nil && info.State == unix.BPF_TCP_CLOSE && s.gone.IsZero():
				s.gone = time.Now()
			}
			return cookie != s.cookie
		})
	}
	return drop.took
})

// outlivesPause is a second try, on a machine that was too busy for a shorter silence: it expects what comesBack and
// readsLate expect, and reports whether it was in time.
func outlivesPause(g *grading.Grader, silence time.Duration) (inTime bool) {
	g.T().Helper()
	s := startServing(g, silence, none)
	v := &vanished{serving: s, away: s.clients(1)[0], begun: time.Now()}
	g.Step("the host of a client vanishes for %v", silence/2)
	link.Vanish(g.Experiment, v.away)
	v.reading, v.sent, v.sentAll = s.stalled()
	time.Sleep(time.Until(v.begun.Add(silence / 2)))
	inTime = v.comesBack()
	inTime = v.readsLate() && inTime
	s.close()
	return inTime
}

// comesBack expects that a client whose host is back in time is still served. It is false if this machine was too late to
// judge that.
func (v *vanished) comesBack() (inTime bool) {
	v.g.T().Helper()
	v.g.Step("the host that was away is back, and its client sends a request")
	link.Return(v.g.Experiment, v.away)
	got, err := v.ask(v.away)
	if err != nil && time.Since(v.begun) > v.silence {
		v.g.Step("this machine was busy, and it was too late to judge that")
		v.away.SetLinger(0)
		v.away.Close()
		return false
	}
	v.g.Expect(err == nil, grading.Finding{
		Sentence: "not-early",
		Mistake:  "a client whose host is back before silence has passed is dropped",
		Expected: "it gets back what it has sent",
		Seen:     fmt.Sprintf("%q, %v", got, err),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
	require.NoError(v.g.T(), v.away.Close())
	return true
}

// readsLate expects that a client is kept that reads late, but before silence has passed. It is false if this machine was too
// late to judge that.
func (v *vanished) readsLate() (inTime bool) {
	v.g.T().Helper()
	late := v.silence * 65 / 100
	v.g.Step("a client that has sent a lot reads the echo %v later", late)
	time.Sleep(time.Until(v.begun.Add(late)))
	began := time.Now()
	f := readEcho(v.reading, v.sent, v.sentAll)
	v.reading.Close()
	if began.Sub(v.begun) > v.silence-100*time.Millisecond {
		v.g.Step("this machine was busy, and it was too late to judge that")
		return false
	}
	if f.Mistake != "" {
		f.Sentence = "kept"
		f.Mistake = "a client that reads late, but before silence has passed, is dropped, or does not get all of its echo"
	}
	v.g.Expect(f.Mistake == "", f)
	return true
}

// watchDrops begins to watch the clients that have vanished.
func (v *vanished) watchDrops() {
	w := watchedDrops{Limit: v.silence + grading.Patience}
	for _, client := range slices.Concat(v.idle, v.asking) {
		w.All = append(w.All, ends{v.at.Address, client.LocalAddr().String()})
	}
	v.drops = v.g.Go("watching the descriptors", func() { v.late = dropsAfter.On(v.g, w) })
}

// awaitDrops waits until the connections of the clients that have vanished have timed out, and a while longer for their
// descriptors to be closed. It returns how many descriptors are held then.
func (v *vanished) awaitDrops() (held int) {
	v.g.T().Helper()
	const soon = 1500 * time.Millisecond // after the last connection has timed out, on a busy machine
	all := slices.Concat(v.idle, v.asking)
	var over time.Time // when all connections were first seen to have timed out
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	limit := v.begun.Add(v.silence + grading.Patience)
	if late := time.Now().Add(soon); late.After(limit) {
		limit = late // a busy machine comes to this only now, and must look all the same
	}
	for ; ; <-poll.C {
		if over.IsZero() && v.inTable(all) == 0 {
			over = time.Now()
		}
		held = v.held()
		if held <= len(v.staying) || !over.IsZero() && time.Since(over) > soon || time.Now().After(limit) {
			return held
		}
	}
}

// areDroppedAtOnce expects that the clients were not dropped late, and that the goroutines that served them have ended.
func (v *vanished) areDroppedAtOnce() {
	v.g.T().Helper()
	v.drops.Wait(v.silence, grading.Finding{Sentence: "it-returns", Mistake: "your process does not answer any more"})
	const longest = 300 * time.Millisecond // for the quickest of several clients
	f := grading.Finding{
		Sentence: "vanished",
		Mistake:  "connections have timed out, and their descriptors are closed late",
		Expected: "the clients are dropped at once",
		Seen:     "the quickest was dropped " + story.Duration(v.late) + " after its connection had timed out",
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	v.g.Expect(v.late < longest, f)
	var goOn []string
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		now := v.g.Goroutines()
		maps.DeleteFunc(now, func(name, _ string) bool { return v.servers[name] == "" })
		if goOn = slices.Sorted(maps.Values(now)); len(goOn) == 0 || time.Since(begun) > grading.Patience/2 {
			break
		}
	}
	f.Mistake, f.Expected = "clients that had vanished are dropped, and goroutines that have served them go on", "they end, too"
	f.Seen = "still running: " + strings.Join(goOn, ", ")
	v.g.Expect(len(goOn) == 0, f)
}
