//go:build linux

package exercise

import (
	"net"
	"time"
)

// FindVanished sets the keepalive of a connection, so that a peer that has vanished is found in time.
//
// The task: choose the settings for the time given, which is in whole seconds, from 3 s to 24 h.
//
//   - When the peer has not been heard for the time given, the connection is dead: no later, by the
//     settings. (The kernel's timers may be an eighth late; that is not the settings' fault.)
//   - It is not dead before half of that time.
//   - A single probe that goes unanswered does not kill it: a segment may get lost.
//   - A peer that is there is kept, however long it is silent.
//   - The settings are of this connection only, and an error of the kernel's is returned.
func FindVanished(conn *net.TCPConn, within time.Duration) error {
	panic(notBegun)
}

// BoundUnacknowledged makes the kernel give a connection up when what was sent on it stays
// unacknowledged for too long.
//
// The task: bound that time by limit, for all that is sent from now on.
//
//   - When the peer has acknowledged nothing for as long as limit, the connection dies, of ETIMEDOUT. It may
//     be a little later, when the kernel would have sent again; it is never earlier.
//   - A limit that is no whole number of milliseconds is rounded up.
//   - A peer that acknowledges is kept, however long it takes to answer.
//   - While nothing is under way the connection is not watched at all: even a peer that is away for longer
//     than limit, and comes back, finds it as it was.
//   - An error of the kernel's is returned.
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	panic(notBegun)
}

// Serve accepts clients and sends each one back what it says, until the listener is closed. It then
// returns the listener's error.
//
// The task: give back what dead clients hold, a descriptor and a goroutine or more for each.
//
//   - A client of which nothing was heard for as long as silence, because its host has vanished, is given
//     up, whether or not an answer is still on its way to it. Silence is in whole seconds, 2 s or more.
//     (The kernel may take a little longer; its timers do.)
//   - So is a client that hangs up, at once, or one that resets its connection.
//   - A client that is there is kept, however long it says nothing, and many are served at a time.
//   - The listener's own connections have no keepalive: nobody has turned it on.
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
