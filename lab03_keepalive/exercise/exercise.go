//go:build linux

// Package exercise is yours: write the bodies that say panic(notBegun). Each task is the comment of its function. Grade
// what you wrote with
//
//	go run ./labs grade lab03
//
// and ask for a hint with go run ./labs hint FindVanished.
//
// A task is a list of sentences, each with a name. The grader checks every one of them, and nothing else. These hold in
// every task:
//
//   - it-returns: Your code returns when it has done what the task says, and waits for nothing else.
//   - no-panic: It doesn't panic, and it doesn't end the process.
//   - nothing-left: When it has returned, whatever it returns, nothing is left of what it has opened or started: no
//     descriptor, no goroutine, no process.
package exercise

import (
	"net"
	"time"
)

// FindVanished sets the keepalive of a connection, so that the connection times out when its peer has vanished. The time
// given, within, is in whole seconds, from 3 s to 24 h. "By the settings" means: idle + count × interval after the last
// segment from the peer. (The kernel's timers may be an eighth late; that is not the settings' fault.)
//
//   - in-time: By the settings, the connection times out no later than within.
//   - not-early: By the settings, it does not time out before half of within.
//   - second-probe: A single probe that goes unanswered does not end the connection: a segment may get lost.
//   - kept: A connection whose peer is there is kept, however long the peer is silent, and however long it doesn't read.
//   - at-once: The call returns at once, and leaves nothing running: the kernel does the rest.
//   - this-one: Only this connection is set. Other connections, and the settings of the system, stay as they were.
//   - nothing-else: Apart from keepalive, nothing of the connection changes: its other options and its deadlines stay as
//     they were, and nothing is read or written.
//   - kernel-error: When the kernel refuses something, errors.Is finds its error in what is returned.
func FindVanished(conn *net.TCPConn, within time.Duration) error {
	panic(notBegun)
}

// BoundUnacknowledged makes the kernel end a connection when data that was sent on it stays unacknowledged for too long.
// The limit is more than 0, and applies to all data that is sent from now on.
//
//   - bounded: When data has been in flight for as long as limit, and the peer has acknowledged none of it, the connection
//     ends with ETIMEDOUT. It may be a little later, at the next retransmission.
//   - not-earlier: It never ends earlier.
//   - rounded-up: A limit that is not a whole number of milliseconds is rounded up to the next one.
//   - too-long: A limit of more than 2147483647 ms, which the option can't represent, is an error.
//   - kept: A connection whose peer acknowledges all data is kept, however long the peer takes to answer. (A peer that
//     keeps its window closed acknowledges nothing new: the kernel may end that connection after limit.)
//   - idle: While no data is in flight, the kernel does not probe the connection. Go turns keepalive on for each
//     connection: it is off after the call. So a peer that is away for any time, and comes back, finds the connection as
//     it was.
//   - at-once: The call returns at once, and leaves nothing running: the kernel does the rest.
//   - nothing-else: Apart from TCP_USER_TIMEOUT, and from keepalive, which is turned off, nothing of the connection
//     changes: its other options and its deadlines stay as they were, and nothing is read or written.
//   - kernel-error: When the kernel refuses something, errors.Is finds its error in what is returned.
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	panic(notBegun)
}

// Serve accepts clients and echoes what each one sends, until the listener is closed. It drops a client by closing its
// connection and ending the goroutines that serve it. Clients whose hosts have vanished are found by the kernel, with
// options that you set on each connection. Silence is in whole seconds, from 2 s to 1 h.
//
//   - echo: Each client gets back all that it sends, in order, also if it sends its FIN first and reads then.
//   - many: Many clients are served at the same time. None waits for another, not even for one that doesn't read.
//   - vanished: When the host of an idle client has vanished, the connection times out, by its settings, no earlier than
//     silence after the last segment from the client, and at most a second later. Then the client is dropped. (The
//     kernel's timers may be an eighth late.)
//   - in-flight: The same holds if data is in flight to the client when its host vanishes.
//   - not-early: No connection times out before: a client whose host is back in time is still served.
//   - kept: A client that is there is kept, however long it sends nothing. (One that doesn't read may be dropped when its
//     window has been closed for silence: for the kernel, the data is unacknowledged then.)
//   - hangs-up: A client that has sent its FIN, and has got all of its echo, is dropped at once, and so is one that has
//     reset its connection.
//   - goes-on: An error of accept does not end Serve while the listener is open, and does not keep it busy. Serve waits
//     a moment, and accepts again: it serves new clients as soon as this process can have descriptors again.
//   - until-closed: When the listener is closed, Serve closes the connections that it has, and returns the listener's
//     error, in which errors.Is finds net.ErrClosed.
func Serve(listener *net.TCPListener, silence time.Duration) error {
	panic(notBegun)
}

// OpenWay sets keepalive and TCP_USER_TIMEOUT of a connection through a middlebox: a firewall or a NAT router that forgets
// a connection when no segment has passed for its idle timeout. The settings keep the middlebox from forgetting an idle
// connection, and end a connection whose peer has vanished. The kernel takes idle time and interval in whole seconds, from
// 1 to 32767. What Go has set before, such as its own keepalive, is replaced.
//
//   - way-open: By the settings, an idle connection is probed at least every half of idleTimeout: one probe may get lost.
//   - no-more: By the settings, the first probe comes no earlier than after a quarter of idleTimeout without a segment.
//   - found: By the settings, an idle connection whose peer has vanished times out no later than within after the last
//     segment from the peer.
//   - three-probes: It does not time out before three probes have gone unanswered, each for a whole interval.
//   - data-too: If data in flight stays unacknowledged, the connection times out no later than within, too: that is the
//     most that TCP_USER_TIMEOUT may be.
//   - impossible: If no settings do all of that, OpenWay returns ErrImpossible, and changes nothing.
//   - rest-alone: The other options of this connection, and those of other connections, stay as they were.
//   - told: An error of the connection's or of the kernel's is returned, and errors.Is finds it in what is returned.
func OpenWay(conn *net.TCPConn, idleTimeout, within time.Duration) error {
	panic(notBegun)
}
