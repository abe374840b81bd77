package lab04_compare

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
	"socketlabs/harness/wire"
)

// All defenses are set to give up after the same time, so they differ in what they notice, and not in how long they wait.
const (
	giveUp = 3 * time.Second

	idle     = 1 * time.Second // keepalive's idle time: silence before the first probe
	interval = 1 * time.Second // between probes
	count    = int((giveUp - idle) / interval)

	beat = 1 * time.Second // between the pings of a heartbeat

	observation = 5 * time.Second // after which a call that still waits counts as waiting forever
)

// The cells of the table: whether the defense is right, how our call ends, and the earliest time at which it may end.
var (
	served     = cell{right, "served", 0}
	unnoticed  = cell{blind, stillWaiting, 0}
	atDeadline = cell{right, deadline, giveUp}
	tooStrict  = cell{falseAlarm, deadline, giveUp} // the deadline ends a healthy connection
	tooEager   = cell{falseAlarm, "ETIMEDOUT", giveUp}
	diesAt3s   = cell{right, "ETIMEDOUT", giveUp}
	resetAt1s  = cell{right, "ECONNRESET", idle}
	endsAtOnce = cell{right, "EOF", 0}
)

// decisions is the expected outcome of each defense in each situation.
var decisions = []struct {
	failure string
	strike  func(*testing.T, *harness.Experiment, defense) *harness.Call
	wish    wish // what we would like to happen
	needs   []harness.Need

	none, timeout, keepalive, both, userTimeout, keepaliveAndUserTimeout, heartbeat cell
}{
	{"healthy peer, idle", healthyIdle, survive, nil,
		served, tooStrict, served, served, served, served, served},
	{"slow answer", slowAnswer, end, nil,
		unnoticed, atDeadline, unnoticed, atDeadline, unnoticed, unnoticed, unnoticed},
	{"application hangs, request pending", applicationHangsPending, end, processes,
		unnoticed, atDeadline, unnoticed, atDeadline, unnoticed, unnoticed, atDeadline},
	{"application hangs, idle", applicationHangsIdle, end, processes,
		unnoticed, atDeadline, unnoticed, unnoticed, unnoticed, unnoticed, atDeadline},
	{"process is killed", processIsKilled, end, processes,
		endsAtOnce, endsAtOnce, endsAtOnce, endsAtOnce, endsAtOnce, endsAtOnce, endsAtOnce},
	{"host vanishes, idle", hostVanishesIdle, end, vanishing,
		unnoticed, atDeadline, diesAt3s, diesAt3s, unnoticed, diesAt3s, atDeadline},
	{"host vanishes, request pending", hostVanishesPending, end, vanishing,
		unnoticed, atDeadline, unnoticed, atDeadline, diesAt3s, diesAt3s, atDeadline},
	{"host vanishes, sending", hostVanishesSending, end, vanishing,
		unnoticed, atDeadline, unnoticed, atDeadline, diesAt3s, diesAt3s, atDeadline},
	{"host reboots, idle", hostRebootsIdle, end, vanishing,
		unnoticed, atDeadline, resetAt1s, resetAt1s, unnoticed, resetAt1s, resetAt1s},
	{"peer stops reading", peerStopsReading, end, nil,
		unnoticed, atDeadline, unnoticed, atDeadline, diesAt3s, diesAt3s, atDeadline},
	{"peer pauses reading", peerPausesReading, survive, nil,
		served, tooStrict, served, tooStrict, tooEager, tooEager, tooStrict},
	{"middlebox forgets, idle", middleboxForgets, end, captured,
		unnoticed, atDeadline, served, served, unnoticed, served, served},
	{"dead host behind proxy, idle", deadHostBehindProxyIdle, end, vanishing,
		unnoticed, atDeadline, unnoticed, unnoticed, unnoticed, unnoticed, atDeadline},
	{"dead host behind proxy, request pending", deadHostBehindProxyPending, end, vanishing,
		unnoticed, atDeadline, unnoticed, atDeadline, unnoticed, unnoticed, atDeadline},
	{"short outage, request pending", shortOutage, survive, vanishing,
		served, served, served, served, served, served, served},
	{"nobody answers connect", nobodyAnswersConnect, end, unanswered,
		unnoticed, atDeadline, unnoticed, atDeadline, diesAt3s, diesAt3s, unnoticed},
}

var (
	processes  = []harness.Need{harness.Linux, process.Processes}
	vanishing  = []harness.Need{link.VanishingPeers}
	captured   = []harness.Need{link.VanishingPeers, wire.Capture}
	unanswered = []harness.Need{peer.UnansweredConnects}
)

// TestDecisionTable: none of the six defenses is right in all sixteen situations: each one misses some failures, or ends a
// healthy connection.
//
// Claim: C3.
// Verdict: holds if the application answers whenever its host does, and no proxy is between us and the host. On an idle
// connection, only a heartbeat finds a hung application, or a host that vanished behind a proxy, without dropping healthy
// peers.
// Claim: C4.
// Verdict: holds if keepalive's work is to find dead peers and to drop no healthy ones. A timeout on idle reads finds dead
// peers, too, but drops healthy ones. A write timeout drops a peer that pauses reading for longer than the timeout, and so does
// TCP_USER_TIMEOUT.
//
// Predict: which defense finds an application that hangs while the connection is idle, and drops no healthy idle peer?
//   - [ ] keepalive
//   - [ ] keepalive with TCP_USER_TIMEOUT
//   - [ ] a timeout on every read
//   - [x] a heartbeat
func TestDecisionTable(t *testing.T) {
	t.Parallel()
	for _, row := range decisions {
		t.Run(row.failure, func(t *testing.T) {
			t.Parallel()
			for _, column := range []struct {
				defense
				want cell
			}{
				{none, row.none},
				{timeout, row.timeout},
				{keepalive, row.keepalive},
				{both, row.both},
				{userTimeout, row.userTimeout},
				{keepaliveAndUserTimeout, row.keepaliveAndUserTimeout},
				{heartbeat, row.heartbeat},
			} {
				t.Run(column.name, func(t *testing.T) {
					x := harness.Start(t, append(row.needs, harness.Linux)...)
					x.Step("%s; our defense: %s", row.failure, column.name)
					begun := time.Now()
					call := row.strike(t, x, column.defense)
					outcome := observe(call, begun, observation, column.want.outcome)
					if column.heartbeat > 0 && column.want.outcome == "ECONNRESET" && outcome == "EOF" {
						// A ping got the error, and the kernel reports an error once: see lab03_keepalive/TestDeathIsReportedToOneOfTwo.
						column.want.outcome = outcome
					}
					assertCell(t, x, call, begun, column.want, cell{row.wish.judge(outcome), outcome, column.want.notBefore})
				})
			}
		})
	}
}

// cell is the outcome of a defense in a situation.
type cell struct {
	judgment  judgment
	outcome   string
	notBefore time.Duration
}

// observe waits until the call has returned or has been watched for long enough. On a busy machine a call may return
// late: if the call should return, observe waits longer before it says that the call does not.
func observe(call *harness.Call, begun time.Time, watched time.Duration, want string) (outcome string) {
	const late = 3 * observation
	if call.ReturnsWithin(time.Until(begun.Add(watched))) || want != stillWaiting && call.ReturnsWithin(late) {
		return outcomeOf(call.Wait())
	}
	return stillWaiting
}

// assertCell compares a cell with the expected one, and its time with the lower bound.
func assertCell(t *testing.T, x *harness.Experiment, call *harness.Call, begun time.Time, want, got cell) {
	took := "" // the measured time
	if got.outcome != stillWaiting && got.outcome != served.outcome {
		took = fmt.Sprintf(" after %.2f s", call.Took().Seconds())
	}
	t.Attr("outcome", got.outcome+took)
	t.Attr("judgment", string(got.judgment))
	assert.Empty(t, cmp.Diff(want, got, cmp.AllowUnexported(cell{})), "cell of the table (-want +got)")
	switch got.outcome {
	case stillWaiting:
	case deadline: // our call's own deadline, which Go's timers keep
		x.AssertAtLeast(call.Took(), want.notBefore)
	default: // the kernel's timers count from the last segment received, which was part of the handshake
		x.AssertAtLeast(call.Since(begun), want.notBefore-harness.Tick())
	}
}
