package kernel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/system"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// Socket is one entry of the kernel's table of TCP sockets, as ss(8) prints it. An entry can remain when no
// program holds the socket any more: in TIME_WAIT, for example.
type Socket struct {
	Local, Remote netip.AddrPort
	State         SocketState
	Timer         SocketTimer
	Left          time.Duration // until the timer expires
}

// stateGuard ends the wait for a state that is never reached. It is far more than any wait should take.
const stateGuard = harness.HangGuard / 3

// SocketState is a TCP state, with the name that netstat(8) prints.
type SocketState string

// The states of TCP: RFC 9293, section 3.3.2.
const (
	Established SocketState = "ESTABLISHED"
	SynSent     SocketState = "SYN_SENT"
	SynReceived SocketState = "SYN_RECV"
	FinWait1    SocketState = "FIN_WAIT1"
	FinWait2    SocketState = "FIN_WAIT2"
	TimeWait    SocketState = "TIME_WAIT"
	Closed      SocketState = "CLOSE"
	CloseWait   SocketState = "CLOSE_WAIT"
	LastAck     SocketState = "LAST_ACK"
	Listening   SocketState = "LISTEN"
	Closing     SocketState = "CLOSING"
)

// The kernel's numbers for the states: include/net/tcp_states.h.
var socketStates = map[uint8]SocketState{
	1: Established, 2: SynSent, 3: SynReceived, 4: FinWait1, 5: FinWait2, 6: TimeWait,
	7: Closed, 8: CloseWait, 9: LastAck, 10: Listening, 11: Closing,
}

// SocketTimer says what a socket's timer will do when it expires.
type SocketTimer string

const (
	NoTimer             SocketTimer = "no timer"
	RetransmissionTimer SocketTimer = "retransmission"
	KeepaliveTimer      SocketTimer = "keepalive"
	TimeWaitTimer       SocketTimer = "TIME_WAIT"
	WindowProbeTimer    SocketTimer = "window probe"
)

// The kernel's numbers for the timers: idiag_timer in sock_diag(7).
var socketTimers = map[uint8]SocketTimer{
	0: NoTimer, 1: RetransmissionTimer, 2: KeepaliveTimer, 3: TimeWaitTimer, 4: WindowProbeTimer,
}

// String says everything except the socket's local address.
func (s Socket) String() string {
	text := string(s.State)
	if s.State != Listening {
		text += fmt.Sprintf(" with %v", s.Remote)
	}
	if s.Timer != NoTimer {
		text += fmt.Sprintf(" (timer: %s, %s left)", s.Timer, story.Duration(s.Left))
	}
	return text
}

// AwaitSockets waits until the sockets at a server's address are in exactly the given states, in
// any order, and returns their entries: the listener, the server's end of each connection, and what the
// kernel keeps of connections that are over. If no state is given, AwaitSockets waits until no entry is left. This is
// possible only for a reserved port: see peer.ReservedPort.
//
// The table has the sockets of every program. A port that one program has bound belongs to that program until
// the port's last entry is gone. Then the system may give the port to another program, unless the port is reserved. The
// table does not show a socket that is bound but neither listens nor connects.
func AwaitSockets(x *harness.Experiment, address string, states ...SocketState) []Socket {
	x.T().Helper()
	at, err := netip.ParseAddrPort(address)
	require.NoError(x.T(), err)
	if len(states) == 0 && !peer.IsReserved(at.Port()) {
		require.FailNow(x.T(), "the system chose this port, so another program can have it when its last entry is gone",
			"%s: use peer.ReservedPort, or call AwaitConnection", address)
	}
	return await(x, address, at, func(s Socket) bool { return s.Local == at }, states)
}

// AwaitConnection does for one end of one connection what AwaitSockets does for an address. A client's address alone is not enough:
// connections to several servers can share a local port that the kernel has chosen.
func AwaitConnection(x *harness.Experiment, local, remote string, states ...SocketState) []Socket {
	x.T().Helper()
	at, err := netip.ParseAddrPort(local)
	require.NoError(x.T(), err)
	with, err := netip.ParseAddrPort(remote)
	require.NoError(x.T(), err)
	return await(x, local, at, func(s Socket) bool { return s.Local == at && s.Remote == with }, states)
}

// InTimeWait waits until one end of a connection is gone, and reports whether the other end, local, is in
// TIME_WAIT. It may not be: on a busy machine, a segment may be sent twice. If the second copy arrives when the
// remote end is gone, the kernel answers it with a reset, and the reset ends TIME_WAIT (RFC 1337, section 1).
func InTimeWait(x *harness.Experiment, local, remote string) bool {
	x.T().Helper()
	AwaitConnection(x, remote, local)
	at, with := netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote)
	table, err := socketTable(at.Addr(), func(s Socket) bool { return s.Local == at && s.Remote == with })
	require.NoError(x.T(), err)
	noteTable(x, local, table)
	return slices.Equal([]SocketState{TimeWait}, statesOf(table))
}

func await(x *harness.Experiment, name string, at netip.AddrPort, is func(Socket) bool, states []SocketState) []Socket {
	x.T().Helper()
	slices.Sort(states)
	// Reading the table is expensive. So a long wait reads it less often, and may see a state a little late.
	pause := func(since time.Time) time.Duration { return max(2*time.Millisecond, time.Since(since)/250) }
	var table []Socket
	for begun := time.Now(); time.Since(begun) < stateGuard || system.Setting("LABS_LONG") == "on"; <-time.After(pause(begun)) {
		var err error
		table, err = socketTable(at.Addr(), is)
		require.NoError(x.T(), err)
		if slices.Equal(states, statesOf(table)) {
			noteTable(x, name, table)
			return table
		}
	}
	require.FailNow(x.T(), "the sockets never reached the awaited states", "awaited at %s: %v\nthe table: %s",
		name, states, tableText(table))
	return nil
}

// noteTable notes what the table says, unless the last event said the same.
func noteTable(x *harness.Experiment, name string, table []Socket) {
	found := entriesOf(table)
	found.Address = name
	x.NoteUnlessTold(fmt.Sprint(name, statesOf(table)), story.Event{
		Lane: story.Story, Kind: story.Table, Sockets: &found,
		Text: "the kernel's table for " + name + ": " + found.String(),
	})
}

func statesOf(table []Socket) []SocketState {
	var states []SocketState
	for _, s := range table {
		states = append(states, s.State)
	}
	slices.Sort(states)
	return states
}

func entriesOf(table []Socket) (found story.Sockets) {
	for _, s := range table {
		found.Entries = append(found.Entries, s.String())
	}
	return found
}

func tableText(table []Socket) string { return entriesOf(table).String() }

func socketTable(family netip.Addr, wanted func(Socket) bool) ([]Socket, error) {
	domain := unix.AF_INET
	if family.Is6() {
		domain = unix.AF_INET6
	}
	entries, err := dumpSockets(domain)
	if err != nil {
		return nil, fmt.Errorf("the kernel's socket table: %w", err)
	}
	var table []Socket
	for _, entry := range entries {
		if s := readSocket(entry); wanted(s) {
			table = append(table, s)
		}
	}
	return table, nil
}

// socketTableMissing checks once whether the table shows an open listener: gVisor has no such table, and a
// kernel may be built without it. It does not call readSocket: if readSocket is broken, experiments must
// fail, and not be skipped.
var socketTableMissing = sync.OnceValue(func() string {
	const remedy = "; load the kernel module tcp_diag, or " + system.OnLinux
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", harness.Loopback())
	if err != nil {
		return err.Error()
	}
	defer listener.Close()
	entries, err := dumpSockets(harness.Domain())
	if err != nil {
		return fmt.Sprintf("the kernel does not give its socket table (%v)", err) + remedy
	}
	port := uint16(listener.Addr().(*net.TCPAddr).Port)
	if !slices.ContainsFunc(entries, func(entry []byte) bool { return localPort(entry) == port }) {
		return "the kernel's socket table does not show an open listener" + remedy
	}
	return ""
})

// AllSockets returns the kernel's whole table of TCP sockets, for both address families. It writes an IPv4
// address as such, even if an IPv6 socket has it.
func AllSockets() ([]Socket, error) {
	all := func(Socket) bool { return true }
	ipv4, err4 := socketTable(netip.IPv4Unspecified(), all)
	ipv6, err6 := socketTable(netip.IPv6Unspecified(), all)
	return append(ipv4, ipv6...), errors.Join(err4, err6)
}
