//go:build linux

// Package exercise is yours: write the bodies that say panic(notBegun). Each task is the comment of its function. Grade
// what you wrote with
//
//	go run ./labs grade lab03
//
// and ask for a hint with go run ./labs hint FindVanished.
//
// A task is a list of sentences, each with a name. The grader checks only these sentences, read together with the text
// above them. These sentences hold in every task:
//
//   - it-returns: Your code returns when it has done what the task says, and waits for nothing else.
//   - no-panic: It doesn't panic, and it doesn't end the process.
//   - no-race: It has no data race: goroutines that use the same variable take turns, by a mutex, a channel or sync/atomic.
//     (Code that breaks no other sentence, and could have a race, is run once more, under Go's race detector.)
//   - nothing-left: When a call has returned, whatever it returns, nothing is left of what it opened or started: no
//     descriptor, no goroutine, no process.
package exercise

import (
	"net"
	"time"
)

// FindVanished sets the keepalive of a connection, so that the connection times out when its peer has vanished. The time
// `within` is in whole seconds, from 3 s to 24 h. "By the settings" means as the settings say: the connection times out
// idle + count × interval after the last segment from the peer. The grader counts nothing else. (A kernel timer may fire
// late, by up to an eighth of its length. If interval is longer than idle, and the last segment has answered a probe, the
// next probe comes only when interval has passed since that segment. TCP_USER_TIMEOUT would replace the count: leave that
// option as it is. Whether it is set is up to the caller.)
//
//   - in-time: By the settings, the connection times out no later than the time `within` after the last segment from the
//     peer.
//   - not-early: By the settings, the connection does not time out before half of the time `within` has passed since the
//     last segment from the peer.
//   - second-probe: A single probe that goes unanswered does not end the connection: a segment may get lost.
//   - kept: A connection whose peer is reachable is kept, however long the peer sends nothing, or reads nothing.
//   - at-once: The call returns at once, and leaves nothing running: the kernel does the rest.
//   - this-one: Only this connection's settings change. Other connections, and the settings of the system, stay as they
//     were.
//   - nothing-else: Apart from keepalive, nothing of the connection changes: its other options, its deadlines and its error
//     stay as they were, calls that wait on it go on, and nothing is read or written.
//   - kernel-error: When the kernel refuses something, errors.Is finds its error in what is returned. When the connection is
//     closed, errors.Is finds net.ErrClosed there.
func FindVanished(conn *net.TCPConn, within time.Duration) error {
	panic(notBegun)
}

// BoundUnacknowledged makes the kernel end a connection when data that was sent on it stays unacknowledged for too long.
// The limit is more than 0, and applies to all data that is sent from now on.
//
//   - bounded: When limit has passed since the kernel's retransmission timer first sent data again, and the peer has
//     acknowledged nothing new since then, the connection ends with ETIMEDOUT. It may end a little later, at the next
//     retransmission.
//   - not-earlier: The connection never ends earlier.
//   - rounded-up: A limit that is not a whole number of milliseconds is rounded up to the next millisecond.
//   - too-long: For a limit of more than 2147483647 ms, which the option can't represent, the call returns an error, and
//     TCP_USER_TIMEOUT stays as it was. (Keepalive may be off then.)
//   - kept: A connection whose peer acknowledges all data is kept, however long the peer takes to answer. (A peer that
//     keeps its window closed acknowledges nothing new: the kernel may end that connection after limit.)
//   - idle: While no data is in flight, the kernel does not probe the connection. Go turns keepalive on for each
//     connection, so BoundUnacknowledged must turn it off. Then a peer that can't be reached for a time, however long, finds
//     the connection as it was when the peer is back.
//   - at-once: The call returns at once, and leaves nothing running: the kernel does the rest.
//   - this-one: Only this connection's settings change. Those of other connections stay as they were.
//   - nothing-else: Apart from TCP_USER_TIMEOUT, and from keepalive, which is turned off (its times may change), nothing of
//     the connection changes: its other options, its deadlines and its error stay as they were, calls that wait on it go on,
//     and nothing is read or written.
//   - kernel-error: When the kernel refuses something, errors.Is finds its error in what is returned. When the connection is
//     closed, errors.Is finds net.ErrClosed there.
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	panic(notBegun)
}

// Serve accepts clients and echoes what each one sends, until the listener is closed. It drops a client by closing its
// connection and ending the goroutines that serve it. Clients whose hosts have vanished are found by the kernel, with
// options that you set on each connection. The time `silence` is in whole seconds, from 2 s to 1 h.
//
//   - echo: Each client gets back all that it sends, in order, even if it sends its FIN first and reads only then.
//   - many: Many clients are served at the same time. None waits for another, not even for one that doesn't read.
//   - vanished: When the host of an idle client has vanished, the connection times out by its settings, `silence` after the
//     last segment from the client at the earliest, and `silence` + 1 s at the latest. Then the client is dropped at once. (By
//     the settings, as in OpenWay. A kernel timer may fire late, by up to an eighth of its length; the grader allows for
//     that.)
//   - in-flight: If data is in flight to the client when its host vanishes, the connection times out by TCP_USER_TIMEOUT,
//     which is between `silence` and `silence` + 1 s. (The kernel counts it from the retransmission timer's first
//     retransmission; a tail loss probe doesn't count.)
//   - not-early: No connection times out before `silence` has passed: a client whose host is back in time is still served.
//   - kept: A client that is reachable is kept, however long it sends nothing. (One that doesn't read may be dropped when
//     its window has been closed for as long as `silence`: for the kernel, the data is unacknowledged then. Linux may drop
//     one that reads slowly, too.)
//   - hangs-up: A client that has sent its FIN, and has got all of its echo, is dropped at once, and so is one that has
//     reset its connection.
//   - goes-on: An error of accept, whichever it is, does not end Serve while the listener is open. Serve must not spin: it
//     retries after a short pause, and accepts new clients within 2 s after accept could succeed again.
//   - until-closed: When the listener is closed, Serve closes the connections that it has, and returns the listener's
//     error, or another in which errors.Is finds net.ErrClosed.
func Serve(listener *net.TCPListener, silence time.Duration) error {
	panic(notBegun)
}

// OpenWay sets keepalive and TCP_USER_TIMEOUT of a connection through a middlebox: a firewall or a NAT router that forgets
// a connection when no segment has passed for its idle timeout. The settings keep the middlebox from forgetting an idle
// connection, and end a connection whose peer has vanished. The kernel takes idle time and interval in whole seconds, from
// 1 to 32767. What was set before, such as keepalive by Go, is replaced. idleTimeout and within may be anything from -1000 h
// to 1000 h; if either is 0 or less, no settings are possible. "By the settings" means as the settings say: an idle
// connection whose peer has vanished times out idle + k × interval after the last segment from the peer, where k is the
// smallest number ≥ 1 with idle + k × interval ≥ TCP_USER_TIMEOUT. TCP_USER_TIMEOUT replaces the probe count, which may be
// anything. (If interval is longer than idle, and the last segment has answered a probe, the next probe comes only when
// interval has passed since that segment. The grader doesn't count that.)
//
//   - way-open: By the settings, an idle connection is never without a probe for longer than half of idleTimeout, before
//     the first probe and between probes. So one probe may get lost.
//   - no-more: By the settings, the first probe comes no earlier than after a quarter of idleTimeout without a segment.
//   - found: By the settings, an idle connection whose peer has vanished times out no later than the time `within` after the
//     last segment from the peer.
//   - three-probes: By the settings, an idle connection does not time out before three probes have gone unanswered, each for
//     a whole interval.
//   - data-too: TCP_USER_TIMEOUT is set, and is at most the time `within`, so that data in flight is bounded, too.
//   - impossible: If no settings do all of that, OpenWay returns ErrImpossible, which may be wrapped, and changes nothing.
//   - rest-alone: The other options of this connection, and all those of other connections, stay as they were. So do its
//     deadlines and its error, calls that wait on it go on, and nothing is read or written.
//   - told: If the kernel refuses something, or the connection is closed, errors.Is finds that error in what OpenWay returns.
//     If there is no error, and the settings are possible, it returns nil.
func OpenWay(conn *net.TCPConn, idleTimeout, within time.Duration) error {
	panic(notBegun)
}
