package exercise_test

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/lab02_reuseaddr/exercise"
)

// The functions of this file make situations with real sockets, and call WhoHolds in each of them.

// atOneAddress makes the situations without wildcards. In all of them, WhoHolds is called for an address of the host.
func (w *holders) atOneAddress(host netip.Addr) {
	peer.ReservedPort() // nobody uses the ports beside the free one: what is at the next port is another situation
	free := peer.ReservedAddressAt(w.g.Experiment, host)
	peer.ReservedPort()
	w.who(grading.Finding{Sentence: "nobody", Read: "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst"},
		"no socket is at the address", free, exercise.Nobody)

	listener := w.listen(host)
	w.who(grading.Finding{Sentence: "listener", Read: "lab02_reuseaddr/TestTwoListenersCannotShareAPort"},
		"a server listens, and has no clients", addressOf(listener.Addr()), exercise.Listener)
	w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
		"a server listens at the next port", w.beside(host), exercise.Nobody)

	listener = w.listen(host)
	connect(w.g, listener)
	w.leaveTimeWait(listener)
	connect(w.g, listener)
	w.leaveSynReceived(listener)
	w.who(grading.Finding{Sentence: "listener", Read: "lab02_reuseaddr/TestServerCallsInOrder"},
		"a server listens, has clients, and has closed a connection first", addressOf(listener.Addr()), exercise.Listener)

	listener = w.listen(host)
	w.leaveTimeWait(listener)
	require.NoError(w.g.T(), listener.Close())
	w.who(grading.Finding{Sentence: "time-wait", Read: "lab02_reuseaddr/TestTimeWaitKeepsPortBusy"},
		"a server has closed a connection first, and is gone", addressOf(listener.Addr()), exercise.TimeWait)

	for _, state := range slices.Sorted(maps.Keys(states)) {
		address := states[state](w, host)
		w.who(grading.Finding{Sentence: "connection", Read: "lab02_reuseaddr/TestKilledServerCanNotRestart"},
			"a connection is in "+string(state)+", and nobody listens", address, exercise.OpenConnection)
	}
	for _, first := range []kernel.SocketState{kernel.TimeWait, kernel.Established} {
		address := w.besideTimeWait(host, first)
		w.who(grading.Finding{Sentence: "connection", Read: "lab02_reuseaddr/TestLiveConnectionKeepsPortBusy"},
			"a server is gone, and has left an open connection and one in TIME_WAIT", address, exercise.OpenConnection)
	}
	w.otherEnds(host)
	w.elsewhere(host)
	w.alike(host)
}

// beside returns a free address whose port is one higher than the port of a listener.
func (w *holders) beside(host netip.Addr) netip.AddrPort {
	for {
		port := addressOf(w.listen(host).Addr()).Port()
		if next := peer.ReservedPort(); next == port+1 && len(w.withPort(next)) == 0 {
			return netip.AddrPortFrom(host, next)
		}
	}
}

// otherEnds: the address is only the Remote of the entry that is left of a connection.
func (w *holders) otherEnds(host netip.Addr) {
	listener := w.listen(host)
	for inTimeWait := false; !inTimeWait; {
		client, server := connect(w.g, listener)
		w.closeInTurn(client, server)
		inTimeWait = kernel.InTimeWait(w.g.Experiment, client.LocalAddr().String(), listener.Addr().String())
	}
	require.NoError(w.g.T(), listener.Close())
	w.who(grading.Finding{Sentence: "other-end", Read: "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst"},
		"a client has closed its connection first, and the server is gone", addressOf(listener.Addr()), exercise.Nobody)

	listener = w.listen(host)
	client, server := connect(w.g, listener)
	require.NoError(w.g.T(), listener.Close())
	link.Reboot(w.g.Experiment, server, client)
	w.who(grading.Finding{Sentence: "other-end", Read: "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst"},
		"a server has restarted and forgotten a connection, and the client still has its end", addressOf(listener.Addr()), exercise.Nobody)
}

// elsewhere: all sockets are at the same port of another address.
func (w *holders) elsewhere(host netip.Addr) {
	there := anotherOf4()
	listener := w.listen(there)
	address := netip.AddrPortFrom(host, addressOf(listener.Addr()).Port())
	w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
		"a server listens on the same port of another address", address, exercise.Nobody)

	listener = w.listen(alikeOf4())
	connect(w.g, listener)
	w.leaveTimeWait(listener)
	require.NoError(w.g.T(), listener.Close())
	address = netip.AddrPortFrom(host, addressOf(listener.Addr()).Port())
	w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
		"connections are on the same port of another address", address, exercise.Nobody)
}

// alike: a server listens at a port that begins or ends with the digits of the address's port. The address's port is below 10000:
// no system assigns such ports to clients.
func (w *holders) alike(host netip.Addr) {
	for {
		port := addressOf(w.listen(host).Addr()).Port()
		ends, begins := port%10000, port/10
		if ends == 0 || len(w.withPort(ends)) > 0 || len(w.withPort(begins)) > 0 {
			continue
		}
		w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
			"a server listens at a port that ends with the same digits", netip.AddrPortFrom(host, ends), exercise.Nobody)
		w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
			"a server listens at a port that begins with the same digits", netip.AddrPortFrom(host, begins), exercise.Nobody)
		return
	}
}

// atEveryAddress makes the situations with wildcards, and calls WhoHolds for addresses of both families. It also repeats calls
// for IPv4 addresses with the same addresses written as IPv6 addresses.
func (w *holders) atEveryAddress() {
	four, six := netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()
	everywhere4 := w.listen(netip.IPv4Unspecified())
	port := addressOf(everywhere4.Addr()).Port()
	for _, host := range []netip.Addr{four, anotherOf4()} {
		w.who(grading.Finding{Sentence: "wildcard", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
			"a server listens at 0.0.0.0", netip.AddrPortFrom(host, port), exercise.Listener)
	}
	w.who(grading.Finding{Sentence: "wildcard", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
		"a server listens at 0.0.0.0", netip.AddrPortFrom(six, port), exercise.Nobody)
	w.who(grading.Finding{Sentence: "mapped", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
		"a server listens at 0.0.0.0", netip.AddrPortFrom(mapped(four), port), exercise.Listener)

	everywhere := w.listen(netip.IPv6Unspecified())
	port = addressOf(everywhere.Addr()).Port()
	for _, host := range []netip.Addr{four, anotherOf4(), six} {
		w.who(grading.Finding{Sentence: "dual-stack", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
			"a server listens at [::]", netip.AddrPortFrom(host, port), exercise.Listener)
	}
	w.listenerComesLast(four)

	dual := w.listen(netip.IPv6Unspecified())
	port = addressOf(dual.Addr()).Port()
	w.connectTo(dual, netip.AddrPortFrom(four, port))
	require.NoError(w.g.T(), dual.Close())
	w.who(grading.Finding{Sentence: "connection", Read: "lab02_reuseaddr/TestLiveConnectionKeepsPortBusy"},
		"a server at [::] is gone, and has left an IPv4 connection", netip.AddrPortFrom(four, port), exercise.OpenConnection)
	w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestLiveConnectionKeepsPortBusy"},
		"a server at [::] is gone, and has left an IPv4 connection", netip.AddrPortFrom(six, port), exercise.Nobody)

	for _, q := range slices.Clone(w.asked) {
		if q.address.Addr().Is4() && slices.Contains([]string{"nobody", "time-wait", "listener", "connection"}, q.f.Sentence) {
			w.who(grading.Finding{Sentence: "mapped", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
				q.situation, netip.AddrPortFrom(mapped(q.address.Addr()), q.address.Port()), q.want)
		}
	}
}

// listenerComesLast makes a situation in which the kernel's table has a listener after connections: it has IPv4 before IPv6.
func (w *holders) listenerComesLast(host netip.Addr) {
	before := w.listen(host)
	connect(w.g, before)
	w.leaveTimeWait(before)
	require.NoError(w.g.T(), before.Close())
	address := addressOf(before.Addr())
	w.listenAt(netip.AddrPortFrom(netip.IPv6Unspecified(), address.Port()))
	w.who(grading.Finding{Sentence: "listener", Read: "lab02_reuseaddr/TestServerCallsInOrder"},
		"a server listens at [::], and connections of an earlier server are at the address", address, exercise.Listener)
}

// mapped returns an IPv4 address as an IPv6 address, such as ::ffff:127.0.0.1.
func mapped(host netip.Addr) netip.Addr { return netip.AddrFrom16(host.As16()) }

// anotherOf4 returns an IPv4 loopback address other than 127.0.0.1.
func anotherOf4() netip.Addr {
	return netip.AddrFrom4([4]byte{127, 0, byte(1 + rand.IntN(200)), byte(2 + rand.IntN(200))})
}

// alikeOf4 returns an IPv4 loopback address that begins with the same digits as 127.0.0.1.
func alikeOf4() netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, byte(10 + rand.IntN(10))}) }
