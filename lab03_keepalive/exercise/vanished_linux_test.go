package exercise_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// awaitDrops waits until the connections of the clients that have vanished have timed out, and a while longer for their
// descriptors to be closed. It returns how many descriptors are held then, and how late the quickest of these clients was
// dropped.
func (v *vanished) awaitDrops() (held int, late time.Duration) {
	v.g.T().Helper()
	const soon = 1500 * time.Millisecond // after the last connection has timed out, on a busy machine
	all := slices.Concat(v.idle, v.asking)
	var drop quickest
	var gone []time.Time // when each connection was first seen to have timed out
	dropped := 0
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for limit := v.begun.Add(v.silence + grading.Patience); time.Now().Before(limit); <-poll.C {
		for n := len(all) - v.inTable(all); len(gone) < n; {
			gone = append(gone, time.Now())
		}
		held = v.held()
		for n := min(len(gone), len(all)+len(v.staying)-held); dropped < n; dropped++ {
			drop.see(time.Since(gone[dropped]))
		}
		if dropped == len(all) || len(gone) == len(all) && time.Since(gone[len(gone)-1]) > soon {
			break
		}
	}
	return held, drop.took
}

// areDroppedAtOnce expects that the clients were not dropped late, and that the goroutines that served them have ended.
func (v *vanished) areDroppedAtOnce(late time.Duration) {
	v.g.T().Helper()
	const longest = 300 * time.Millisecond // for the quickest of several clients
	f := grading.Finding{
		Sentence: "vanished",
		Mistake:  "connections have timed out, and their descriptors are closed late",
		Expected: "the clients are dropped at once",
		Seen:     "the quickest was dropped " + story.Duration(late) + " after its connection had timed out",
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	v.g.Expect(late < longest, f)
	var goOn []string
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		now := v.g.Holdings().Goroutines
		maps.DeleteFunc(now, func(name, _ string) bool { return v.servers[name] == "" })
		if goOn = slices.Sorted(maps.Values(now)); len(goOn) == 0 || time.Since(begun) > grading.Patience/2 {
			break
		}
	}
	f.Mistake, f.Expected = "clients that had vanished are dropped, and goroutines that have served them go on", "they end, too"
	f.Seen = "still running: " + strings.Join(goOn, ", ")
	v.g.Expect(len(goOn) == 0, f)
}
