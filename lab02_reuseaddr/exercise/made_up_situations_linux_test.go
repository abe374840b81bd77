package exercise_test

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"

	"socketlabs/harness/kernel"
	"socketlabs/lab02_reuseaddr/exercise"
)

// In these situations, an address has some connections, or many. A counter of one byte would overflow: it can't tell 256 from 0.
const some, many = 4, 256

// atHost makes the situations in which all sockets are at one address. Where there are several connections, there are n.
func (m *madeUp) atHost(host netip.Addr, n int) {
	m.at("nobody", "no socket is at the address", host, exercise.Nobody, func(netip.AddrPort) {})
	m.at("listener", "a server listens, and has many connections", host, exercise.Listener, func(at netip.AddrPort) {
		m.connections(at, n, anyState...)
		m.listener(host, at.Port())
	})
	if host.Is4() {
		m.at("listener", "a server listens with an IPv6 socket, so Remote is [::]", host, exercise.Listener, func(at netip.AddrPort) {
			m.listener(host, at.Port())
			m.table[len(m.table)-1].Remote = netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
		})
	}
	m.at("time-wait", "one connection from the same host is in TIME_WAIT", host, exercise.TimeWait, func(at netip.AddrPort) {
		m.connection(at, netip.AddrPortFrom(host, 50000), kernel.TimeWait)
	})
	m.at("time-wait", "one connection is in TIME_WAIT, for less than a millisecond more", host, exercise.TimeWait, func(at netip.AddrPort) {
		m.connections(at, 1, kernel.TimeWait)
		m.table[len(m.table)-1].Left = 0
	})
	m.at("time-wait", "a socket that was connected to itself is in TIME_WAIT", host, exercise.TimeWait, func(at netip.AddrPort) {
		m.connection(at, at, kernel.TimeWait)
	})
	m.at("time-wait", "many connections are in TIME_WAIT", host, exercise.TimeWait, func(at netip.AddrPort) {
		m.connections(at, n, kernel.TimeWait)
	})
	for _, state := range open {
		m.at("connection", "a connection is in "+string(state), host, exercise.OpenConnection, func(at netip.AddrPort) {
			m.connections(at, 1, state)
		})
	}
	m.at("connection", "one connection is open, and many are in TIME_WAIT", host, exercise.OpenConnection, func(at netip.AddrPort) {
		m.connections(at, n/2, kernel.TimeWait)
		m.connections(at, 1, open...)
		m.connections(at, n/2, kernel.TimeWait)
	})
	m.at("connection", "many connections are open, and one is in TIME_WAIT", host, exercise.OpenConnection, func(at netip.AddrPort) {
		m.connections(at, n, open...)
		m.connections(at, 1, kernel.TimeWait)
	})
	m.at("connection", "a socket is connected to itself", host, exercise.OpenConnection, func(at netip.AddrPort) {
		m.connection(at, at, kernel.Established)
	})
	m.at("connection", "a connection to port 80 of another host is open", host, exercise.OpenConnection, func(at netip.AddrPort) {
		m.connection(at, netip.AddrPortFrom(another(host), 80), kernel.Established)
	})
	m.at("connection", "a connection is open whose other end has a loopback address", host, exercise.OpenConnection, func(at netip.AddrPort) {
		loopback := netip.IPv6Loopback()
		if host.Is4() {
			loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		m.connection(at, netip.AddrPortFrom(loopback, 50000), kernel.Established)
	})
	for _, state := range anyState {
		m.at("other-end", "a client's end of a connection with the address is in "+string(state), host, exercise.Nobody, func(at netip.AddrPort) {
			m.connection(netip.AddrPortFrom(another(host), 50000), at, state)
		})
	}
}

// elsewhere makes the situations in which all sockets are at the same port of another address.
func (m *madeUp) elsewhere(host netip.Addr, alike []netip.Addr) {
	for _, other := range alike {
		m.at("other-address", "a server listens and has connections at the same port of "+other.String(), host, exercise.Nobody, func(at netip.AddrPort) {
			m.connections(netip.AddrPortFrom(other, at.Port()), 3, anyState...)
			m.listener(other, at.Port())
		})
		m.at("other-address", "connections are in TIME_WAIT at the same port of "+other.String(), host, exercise.Nobody, func(at netip.AddrPort) {
			m.connections(netip.AddrPortFrom(other, at.Port()), 3, kernel.TimeWait)
		})
	}
}

// sameDigits makes a situation in which all sockets are at an address and a port that, written without a colon between them, are the
// same text: 10.0.0.12 and 345 instead of 10.0.0.1 and 2345.
func (m *madeUp) sameDigits(host netip.Addr) {
	situation := "a server listens and has connections at another address and another port, with the same digits"
	m.at("other-address", situation, host, exercise.Nobody, func(at netip.AddrPort) {
		digits := strconv.Itoa(int(at.Port()))
		other, err := netip.ParseAddrPort(net.JoinHostPort(host.String()+digits[:1], digits[1:]))
		if err == nil && digits[1:2] != "0" {
			m.connections(other, 3, anyState...)
			m.listener(other.Addr(), other.Port())
		}
	})
}

// everywhere makes the situations in which a listener is bound to a wildcard.
func (m *madeUp) everywhere(host netip.Addr) {
	zero, both := netip.IPv4Unspecified(), netip.IPv6Unspecified()
	isHere := exercise.Listener
	if host.Is6() {
		isHere = exercise.Nobody
	}
	m.at("wildcard", "a server listens at 0.0.0.0", host, isHere, func(at netip.AddrPort) { m.listener(zero, at.Port()) })
	m.at("dual-stack", "a server listens at [::]", host, exercise.Listener, func(at netip.AddrPort) { m.listener(both, at.Port()) })
	m.at("dual-stack", "a server listens at [::], and others at other addresses of both families", host, exercise.Listener, func(at netip.AddrPort) {
		m.listener(netip.AddrFrom4([4]byte{198, 51, 100, byte(rand.IntN(250))}), at.Port())
		m.listener(netip.MustParseAddr("2001:db8::77"), at.Port())
		m.listener(both, at.Port())
	})
	m.at("listener", "a server listens at [::], and has connections at the address", host, exercise.Listener, func(at netip.AddrPort) {
		m.connections(at, 3, anyState...)
		m.listener(both, at.Port())
	})
	if host.Is4() {
		m.at("listener", "a server listens at 0.0.0.0, and has connections at the address", host, exercise.Listener, func(at netip.AddrPort) {
			m.connections(at, 3, anyState...)
			m.listener(zero, at.Port())
		})
		return
	}
	m.at("connection", "a server listens at 0.0.0.0, and a connection is open at the address", host, exercise.OpenConnection, func(at netip.AddrPort) {
		m.connections(at, 1, kernel.Established)
		m.listener(zero, at.Port())
	})
}
