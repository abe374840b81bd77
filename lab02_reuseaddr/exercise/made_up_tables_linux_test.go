package exercise_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/lab02_reuseaddr/exercise"
)

// madeUp is a made-up table of another machine. It has many situations, each at a port of its own.
type madeUp struct {
	table []kernel.Socket
	asked []*question
	alone bool     // each question is asked in a table of its own, which has only the entries of its situation
	ports []uint16 // the ports that no situation has yet, in random order
}

// whole makes a table with all situations.
func whole() *madeUp {
	m := new(madeUp)
	for port := range 65535 { // the multiples of ten are for the other ends
		if port > 0 && port%10 > 0 {
			m.ports = append(m.ports, uint16(port))
		}
	}
	rand.Shuffle(len(m.ports), func(i, j int) { m.ports[i], m.ports[j] = m.ports[j], m.ports[i] })
	rest := map[bool]int{true: many, false: many} // for each family, the first host has many connections, and the others have some
	for _, h := range anyHosts() {
		m.atHost(h.host, rest[h.host.Is4()])
		rest[h.host.Is4()] = some
		m.elsewhere(h.host, h.alike)
		m.everywhere(h.host)
		m.sameDigits(h.host)
	}
	for _, host := range []string{"10.0.0.1", "100.64.0.1", "169.254.0.1", "192.168.0.1", "203.0.113.1", "fd00::1", "fe80::1"} {
		m.everywhere(netip.MustParseAddr(host)) // private, link-local and other kinds of addresses
	}
	return m
}

// someHost is an address, with other addresses that a careless comparison takes for this one.
type someHost struct {
	host  netip.Addr
	alike []netip.Addr
}

// anyHosts returns loopback addresses and other addresses, of both families.
func anyHosts() []someHost {
	low, high := byte(1+rand.IntN(9)), byte(100+rand.IntN(100))
	four := func(a, b, c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{a, b, c, d}) }
	six := netip.MustParseAddr
	asSix := func(prefix string, of netip.Addr, at int) netip.Addr { // an IPv6 address that contains an IPv4 address
		all, part := six(prefix).As16(), of.As4()
		copy(all[at:], part[:])
		return netip.AddrFrom16(all)
	}
	compatible := asSix("::", four(10, 9, low, high), 12)
	return []someHost{
		{four(127, 0, 0, 1), []netip.Addr{four(127, 0, 0, 2), four(127, 0, 0, 10+low), six("::1"), asSix("::", four(127, 0, 0, 1), 12)}},
		{four(127, 9, low, high), []netip.Addr{four(127, 0, 0, 1), four(10, 9, low, high), four(127, 9, low, 1)}},
		{four(27, low, 0, 1), []netip.Addr{four(127, low, 0, 1), four(27, low, 0, 100), four(28, low, 0, 1), four(0, 0, 0, 1)}},
		{six("::1"), []netip.Addr{six("::2"), six("::1:0:0:1"), six("fd00::1"), four(0, 0, 0, 1), four(127, 0, 0, 1)}},
		{six("2001:db8::1"), []netip.Addr{six("2001:db8::2"), six("2001:db8:0:1::1"), six("::1"), six("2001:db8::1:1")}},
		{compatible, []netip.Addr{four(10, 9, low, high), six("::1")}},
		{asSix("2002::", four(10, 9, low, high), 2), []netip.Addr{four(10, 9, low, high), six("2002::")}},
	}
}

// at adds a situation at a free port of the host: entries adds its entries to the table. The question is about this address.
func (m *madeUp) at(sentence, situation string, host netip.Addr, want exercise.Holder, entries func(at netip.AddrPort)) {
	port := m.ports[0]
	m.ports = m.ports[1:]
	at := netip.AddrPortFrom(host, port)
	from := len(m.table)
	entries(at)
	q := &question{
		f:         grading.Finding{Sentence: sentence, Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
		situation: "in the table of another machine " + situation,
		address:   at,
		want:      want,
		table:     m.table[from:],
	}
	m.asked = append(m.asked, q)
	if host.Is4() {
		asMapped := *q
		asMapped.f.Sentence, asMapped.address = "mapped", netip.AddrPortFrom(mapped(host), port)
		m.asked = append(m.asked, &asMapped)
	}
}

// open are the states in which WhoHolds takes a connection for open: all but TIME_WAIT.
var open = []kernel.SocketState{
	kernel.SynSent, kernel.SynReceived, kernel.Established, kernel.FinWait1, kernel.FinWait2, kernel.CloseWait,
	kernel.LastAck, kernel.Closing,
}

// anyState are all states of a connection.
var anyState = append(slices.Clone(open), kernel.TimeWait)

// connections adds n connections at the address. Their other ends are on the same host or on another one, at ports that are
// multiples of ten: no question is about such a port.
func (m *madeUp) connections(at netip.AddrPort, n int, states ...kernel.SocketState) {
	for range n {
		from := at.Addr()
		if rand.IntN(2) == 0 {
			from = another(from)
		}
		m.connection(at, netip.AddrPortFrom(from, uint16(10*(1+rand.IntN(6553)))), states[rand.IntN(len(states))])
	}
}

// connection adds an entry for one end of a connection.
func (m *madeUp) connection(local, remote netip.AddrPort, state kernel.SocketState) {
	timers := []kernel.SocketTimer{kernel.NoTimer, kernel.RetransmissionTimer, kernel.KeepaliveTimer, kernel.WindowProbeTimer}
	s := kernel.Socket{Local: local, Remote: remote, State: state, Timer: timers[rand.IntN(len(timers))]}
	switch state {
	case kernel.TimeWait, kernel.FinWait2: // an orphan in FIN_WAIT2 has this timer, too
		s.Timer = kernel.TimeWaitTimer
	}
	if s.Timer != kernel.NoTimer {
		s.Left = rand.N(time.Minute)
	}
	m.table = append(m.table, s)
}

func (m *madeUp) listener(at netip.Addr, port uint16) {
	none := netip.IPv4Unspecified()
	if at.Is6() {
		none = netip.IPv6Unspecified()
	}
	m.table = append(m.table, kernel.Socket{
		Local: netip.AddrPortFrom(at, port), Remote: netip.AddrPortFrom(none, 0), State: kernel.Listening, Timer: kernel.NoTimer,
	})
}

// another returns an address of the same family.
func another(than netip.Addr) netip.Addr {
	if than.Is4() {
		return netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + rand.IntN(250))}) // RFC 5737
	}
	return netip.MustParseAddr("2001:db8::9999")
}
