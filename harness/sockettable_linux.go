package harness

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"socketlabs/harness/timeline"
)

// Socket is one entry of the kernel's table of TCP sockets, as ss(8) prints it. No program need hold
// it any more: TIME_WAIT is an entry, and nothing else.
type Socket struct {
	Local, Remote netip.AddrPort
	State         SocketState
	Timer         SocketTimer
	Left          time.Duration // until the timer goes off
}

// SocketState is a state of TCP, named as netstat(8) does.
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

// The numbers that the kernel has for the states: include/net/tcp_states.h.
var socketStates = map[uint8]SocketState{
	1: Established, 2: SynSent, 3: SynReceived, 4: FinWait1, 5: FinWait2, 6: TimeWait,
	7: Closed, 8: CloseWait, 9: LastAck, 10: Listening, 11: Closing,
}

// SocketTimer says what a socket's timer will do when it goes off.
type SocketTimer string

const (
	NoTimer             SocketTimer = "no timer"
	RetransmissionTimer SocketTimer = "retransmission"
	KeepaliveTimer      SocketTimer = "keepalive"
	TimeWaitTimer       SocketTimer = "TIME_WAIT"
	WindowProbeTimer    SocketTimer = "window probe"
)

// The numbers that the kernel has for the timers: idiag_timer in sock_diag(7).
var socketTimers = map[uint8]SocketTimer{
	0: NoTimer, 1: RetransmissionTimer, 2: KeepaliveTimer, 3: TimeWaitTimer, 4: WindowProbeTimer,
}

// String says all but the socket's own address.
func (s Socket) String() string {
	text := string(s.State)
	if s.State != Listening {
		text += fmt.Sprintf(" with %v", s.Remote)
	}
	if s.Timer != NoTimer {
		text += fmt.Sprintf(" (timer: %s, %v left)", s.Timer, s.Left)
	}
	return text
}

// SocketTable lists the sockets whose own address is the one given: a listener, its side of each
// connection, and what the kernel keeps of connections that are over. They may be those of any
// program. A socket that is only bound is not in the table.
func (x *Experiment) SocketTable(address string) []Socket {
	x.t.Helper()
	at, err := netip.ParseAddrPort(address)
	require.NoError(x.t, err)
	table, err := socketTable(at)
	require.NoError(x.t, err)
	x.note(timeline.Story, timeline.Check, "the kernel's table for "+address+": "+tableText(table))
	return table
}

// AwaitSockets waits until the sockets at the address are in exactly the states given, in any order,
// and returns their entries; with none given, until the table has no entry for the address.
func (x *Experiment) AwaitSockets(address string, states ...SocketState) []Socket {
	x.t.Helper()
	at, err := netip.ParseAddrPort(address)
	require.NoError(x.t, err)
	slices.Sort(states)
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for {
		table, err := socketTable(at)
		require.NoError(x.t, err)
		if slices.Equal(states, statesOf(table)) {
			x.note(timeline.Story, timeline.Check, "the kernel's table for "+address+": "+tableText(table))
			return table
		}
		if x.hasEnded() { // the guard against a hang has closed the sockets
			require.FailNow(x.t, "the sockets never came to be as awaited", "awaited at %s: %v\nthe table, at last: %s",
				address, states, tableText(table))
		}
		<-poll.C
	}
}

func statesOf(table []Socket) []SocketState {
	var states []SocketState
	for _, s := range table {
		states = append(states, s.State)
	}
	slices.Sort(states)
	return states
}

func tableText(table []Socket) string {
	if len(table) == 0 {
		return "nothing"
	}
	var lines []string
	for _, s := range table {
		lines = append(lines, s.String())
	}
	return strings.Join(lines, "; ")
}

// socketTable asks the kernel over netlink: sock_diag(7). Anybody may, about any socket of the
// network namespace.
func socketTable(local netip.AddrPort) ([]Socket, error) {
	family := uint8(unix.AF_INET)
	if local.Addr().Is6() {
		family = unix.AF_INET6
	}
	entries, err := netlink.SocketDiagTCP(family)
	if err != nil {
		return nil, fmt.Errorf("the kernel's socket table: %w", err)
	}
	var table []Socket
	for _, e := range entries {
		s := Socket{
			Local:  addrPort(e.ID.Source, e.ID.SourcePort),
			Remote: addrPort(e.ID.Destination, e.ID.DestinationPort),
			State:  socketStates[e.State],
			Timer:  socketTimers[e.Timer],
			Left:   time.Duration(e.Expires) * time.Millisecond,
		}
		if s.Local == local {
			table = append(table, s)
		}
	}
	return table, nil
}

func addrPort(ip net.IP, port uint16) netip.AddrPort {
	address, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(address.Unmap(), port)
}

// socketTableMissing tries once whether the table shows a listener that is there: gVisor has no such
// table, and a kernel may be built without.
var socketTableMissing = sync.OnceValue(func() string {
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", Loopback())
	if err != nil {
		return err.Error()
	}
	defer listener.Close()
	table, err := socketTable(listener.Addr().(*net.TCPAddr).AddrPort())
	if err != nil || !slices.Equal([]SocketState{Listening}, statesOf(table)) {
		return fmt.Sprintf("a listener's entry is not to be had (%s, %v); load the kernel module tcp_diag, or %s",
			tableText(table), err, onLinux)
	}
	return ""
})
