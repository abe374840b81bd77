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

// The situations in which the student's code is asked.

// atOneAddress makes those in which everything is at one address of one family.
func (w *holders) atOneAddress(host netip.Addr) {
	free := peer.ReservedAddressAt(w.g.Experiment, host)
	w.who(grading.Finding{Sentence: "nobody", Read: "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst"},
		"nobody is there", free, exercise.Nobody)

	listener := w.listen(host)
	w.who(grading.Finding{Sentence: "listener", Read: "lab02_reuseaddr/TestTwoListenersCannotShareAPort"},
		"a server listens, and has no clients", addressOf(listener.Addr()), exercise.Listener)
	w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
		"a server listens at the next port", w.beside(host), exercise.Nobody)

	listener = w.listen(host)
	connect(w.g, listener)
	w.leaveTimeWait(listener)
	connect(w.g, listener)
	w.halfOpen(listener)
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
			"a server is gone and has left connections, of which one lives on and one is in TIME_WAIT", address, exercise.OpenConnection)
	}
	w.otherEnds(host)
	w.elsewhere(host)
	w.alike(host)
}

// beside is a free port next to one at which a server listens.
func (w *holders) beside(host netip.Addr) netip.AddrPort {
	for {
		port := addressOf(w.listen(host).Addr()).Port()
		if next := peer.ReservedPort(); next == port+1 && len(w.withPort(next)) == 0 {
			return netip.AddrPortFrom(host, next)
		}
	}
}

// otherEnds: what is left of a connection has its own end elsewhere.
func (w *holders) otherEnds(host netip.Addr) {
	listener := w.listen(host)
	for standing := false; !standing; {
		client, server := connect(w.g, listener)
		w.closeInTurn(client, server)
		standing = kernel.InTimeWait(w.g.Experiment, client.LocalAddr().String(), listener.Addr().String())
	}
	require.NoError(w.g.T(), listener.Close())
	w.who(grading.Finding{Sentence: "other-end", Read: "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst"},
		"a client has closed its connection first, and the server is gone", addressOf(listener.Addr()), exercise.Nobody)

	listener = w.listen(host)
	client, server := connect(w.g, listener)
	require.NoError(w.g.T(), listener.Close())
	link.Reboot(w.g.Experiment, server, client)
	w.who(grading.Finding{Sentence: "other-end", Read: "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst"},
		"a client has a connection with a server that was restarted and does not know of it", addressOf(listener.Addr()), exercise.Nobody)
}

// elsewhere: everything is on the same port of another address.
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

// alike: a server listens at a port that begins or ends with the same digits. No system hands out ports below 10000.
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

// atEveryAddress makes those of both families.
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
		"a server of [::] is gone, and has left a connection of IPv4", netip.AddrPortFrom(four, port), exercise.OpenConnection)
	w.who(grading.Finding{Sentence: "other-address", Read: "lab02_reuseaddr/TestLiveConnectionKeepsPortBusy"},
		"a server of [::] is gone, and has left a connection of IPv4", netip.AddrPortFrom(six, port), exercise.Nobody)

	for _, q := range slices.Clone(w.asked) {
		if q.address.Addr().Is4() && slices.Contains([]string{"nobody", "time-wait", "listener", "connection"}, q.f.Sentence) {
			w.who(grading.Finding{Sentence: "mapped", Read: "lab02_reuseaddr/TestWhoMayShareAPort"},
				q.situation, netip.AddrPortFrom(mapped(q.address.Addr()), q.address.Port()), q.want)
		}
	}
}

// listenerComesLast: the kernel's table has IPv4 before IPv6.
func (w *holders) listenerComesLast(host netip.Addr) {
	before := w.listen(host)
	connect(w.g, before)
	w.leaveTimeWait(before)
	require.NoError(w.g.T(), before.Close())
	address := addressOf(before.Addr())
	w.listenAt(netip.AddrPortFrom(netip.IPv6Unspecified(), address.Port()))
	w.who(grading.Finding{Sentence: "listener", Read: "lab02_reuseaddr/TestServerCallsInOrder"},
		"a server was started again at [::], where connections of the last one live on", address, exercise.Listener)
}

func mapped(host netip.Addr) netip.Addr { return netip.AddrFrom16(host.As16()) }

// anotherOf4 is an address of the loopback that is not 127.0.0.1.
func anotherOf4() netip.Addr {
	return netip.AddrFrom4([4]byte{127, 0, byte(1 + rand.IntN(200)), byte(2 + rand.IntN(200))})
}

// alikeOf4 is one that begins with the same digits as 127.0.0.1.
func alikeOf4() netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, byte(10 + rand.IntN(10))}) }
