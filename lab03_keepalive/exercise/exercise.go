//go:build linux

// Package exercise is yours: write the bodies that say panic(notBegun). Each task stands above its
// function. Grade what you wrote with
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

// FindVanished sets the keepalive of a connection, so that a peer that has vanished is found in time.
// The time given, within, is in whole seconds, from 3 s to 24 h.
//
//   - in-time: By the settings, the connection is dead no later than within after the peer was last heard.
//     (The kernel's timers may be an eighth late; that is not the settings' fault.)
//   - not-early: By the settings, it is not dead before half of within.
//   - second-probe: A single probe that goes unanswered does not end it: a segment may get lost.
//   - kept: A peer that is there is kept, however long it says nothing, and however long it does not read.
//   - at-once: The call returns at once, and leaves nothing running: the kernel does the rest.
//   - this-one: The settings are of this connection only. Those of others, and the system's, stay.
//   - nothing-else: Nothing else of the connection changes: its other options and its deadlines stay as they
//     were, and nothing is read or written.
//   - kernel-error: When the kernel refuses something, errors.Is finds its error in what is returned.
func FindVanished(conn *net.TCPConn, within time.Duration) error {
	panic(notBegun)
}

// BoundUnacknowledged makes the kernel give a connection up when what was sent on it stays
// unacknowledged for too long. The limit is more than 0, and holds for all that is sent from now on.
//
//   - bounded: When the peer has acknowledged nothing for as long as limit, the connection dies, of
//     ETIMEDOUT. It may be a little later, when the kernel would have sent again.
//   - not-earlier: It never dies earlier.
//   - rounded-up: A limit that is no whole number of milliseconds counts as the next one.
//   - too-long: A limit of more than 2147483647 ms, which the option can't hold, is an error.
//   - kept: A peer that acknowledges is kept, however long it takes to answer.
//   - idle: While nothing is under way, the kernel does not watch the connection, even if it did before: a
//     peer that is away for as long as it likes, and comes back, finds it as it was.
//   - at-once: The call returns at once, and leaves nothing running: the kernel does the rest.
//   - nothing-else: Nothing else of the connection changes: its other options and its deadlines stay as they
//     were, and nothing is read or written.
//   - kernel-error: When the kernel refuses something, errors.Is finds its error in what is returned.
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	panic(notBegun)
}

// Serve accepts clients and sends each one back what it says, until the listener is closed. What dead
// clients hold, a descriptor and a goroutine or more each, it gives back. Let the kernel find them, by
// the options of each connection. Silence is in whole seconds, from 2 s to 1 h.
//
//   - echo: Each client gets back all that it says, in order, also if it ends its own side and reads then.
//   - many: Clients are served at a time, however many there are. One that does not read its answers holds up no other.
//   - vanished: A client of which nothing was heard for as long as silence, because its host has vanished, is
//     given up: by the settings at most a second later. (The kernel's timers may be an eighth late.)
//   - in-flight: So is a client whose host vanishes while an answer is on its way to it.
//   - not-early: No client is given up before: one whose host is back in time is served on.
//   - kept: A client that is there is kept, however long it says nothing.
//   - hangs-up: A client that hangs up or resets its connection is given up at once.
//   - goes-on: An error of accept does not end Serve while the listener is open, and does not keep it busy:
//     it serves on when this process can have descriptors again.
//   - until-closed: When the listener is closed, Serve closes the connections that it has, and returns the listener's
//     error, in which errors.Is finds net.ErrClosed.
func Serve(listener *net.TCPListener, silence time.Duration) error {
	panic(notBegun)
}

// OpenWay sets what keeps the way of a connection open, through a firewall or a NAT router that forgets a connection when
// nothing has passed for as long as memory, and finds a peer that has vanished within a time. The kernel's times are whole
// seconds, and 32767 of them at most.
//
//   - way-open: By the settings, a probe is sent at least twice in each memory, as long as nobody says anything: one may
//     get lost.
//   - no-more: No probe is sent before a quarter of memory has passed in silence.
//   - found: By the settings, a connection whose peer has vanished while it was idle is dead no later than within after
//     the peer was last heard.
//   - three-probes: It is not dead before three probes have gone unanswered, each for a whole interval.
//   - data-too: It is dead no later than within, too, when what was sent stays unacknowledged.
//   - impossible: If no settings do all of that, ErrImpossible is returned, and everything stays as it was.
//   - rest-alone: The other options of the connection, and other connections, stay as they were.
//   - told: An error of the connection's or of the kernel's is returned, so that errors.Is finds it.
func OpenWay(conn *net.TCPConn, memory, within time.Duration) error {
	panic(notBegun)
}
