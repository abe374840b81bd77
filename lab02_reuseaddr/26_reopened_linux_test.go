package lab02_reuseaddr

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/wire"
)

// By default, connect can use the port of a connection in TIME_WAIT again after this delay: tcp_tw_reuse_delay in
// ip-sysctl, since Linux 6.14.
const reuseDelay = time.Second

// TestTimeWaitYieldsToNewConnection: while a connection is in TIME_WAIT on the server's side, the client can connect
// again from the same port at once: its new SYN ends TIME_WAIT, and opens the next connection.
//
// Claim: R2.
// Verdict: holds for bind. A new connection between the same two addresses needs no bind at the server. It opens at
// once, if its SYN has a newer timestamp or a higher sequence number than the old connection's last segment (RFC 6191).
//
// Predict: the server's end of a connection is in TIME_WAIT; the client connects again from the same port; what happens?
//   - [ ] the SYN is dropped, for a minute
//   - [ ] a reset answers the SYN
//   - [x] the next connection opens at once
func TestTimeWaitYieldsToNewConnection(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	listener := peer.ListenNoKeepalive(x)
	from, err := net.ResolveTCPAddr("tcp", peer.ReservedAddress(x))
	require.NoError(t, err)
	call := func() (client, server *net.TCPConn) {
		client, err := net.DialTCP("tcp", from, listener.Addr().(*net.TCPAddr))
		require.NoError(t, err)
		x.Own(client)
		server, err = listener.AcceptTCP()
		require.NoError(t, err)
		x.Own(server)
		return client, server
	}

	x.Step("a client connects, and the server closes first")
	for done := false; !done; {
		client, server := call()
		closeInTurn(t, server, client)
		done = inTimeWait(x, server)
	}

	x.Step("the client connects again, from the same port")
	client, server := call()
	kernel.AwaitConnection(x, listener.Addr().String(), from.String(), kernel.Established) // and no TIME_WAIT beside it
	_, err = client.Write([]byte("again"))
	require.NoError(t, err)
	assert.Equal(t, "again", read(t, server, len("again")))
}

// TestOldSYNOpensNothing: if a duplicate of a connection's SYN arrives while the server's end is in TIME_WAIT, it opens no
// connection. The server's kernel sends the last acknowledgment of the old connection again. The client's kernel no
// longer knows that connection, and answers with a reset.
//
// Claim: R3.
// Verdict: holds.
func TestOldSYNOpensNothing(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback, wire.Capture, kernel.SocketTable)
	listener := peer.ListenNoKeepalive(x)
	var client *net.TCPConn
	for done := false; !done; {
		var server *net.TCPConn
		client, server = connect(t, x, listener)
		closeInTurn(t, server, client)
		done = inTimeWait(x, server)
	}
	syn := wire.AwaitSegments(x, client, 1, wire.SYN)[0]

	x.Step("after a connection is over, its SYN arrives again")
	link.Replay(x, syn)
	assert.Equal(t, harness.Client, wire.AwaitSegments(x, client, 1, wire.RST)[0].From)
	acks := wire.OfMeaning(wire.Segments(x, client), wire.ACK)
	last, again := acks[len(acks)-2], acks[len(acks)-1] // of the client's FIN, and of the old SYN
	assert.Equal(t, harness.Server, again.From)
	assert.Equal(t, last.Ack, again.Ack, "the last acknowledgment of the old connection should be sent again")
	assert.Len(t, wire.OfMeaning(wire.Segments(x, client), wire.SYNACK), 1, "the only SYN-ACK should be the one that opened the connection")
}

// TestPortInTimeWaitIsReusedAfterASecond: on the loopback, connect can use the port of a client's connection in TIME_WAIT
// for the same server again, a second after TIME_WAIT has begun. Before Linux 6.14, connect can do so as soon as the next
// second of the kernel's clock begins.
//
// Claim: R2.
// Verdict: holds for bind; on the loopback, connect can use the port again after a second (tcp_tw_reuse).
//
// Predict: on the loopback, the connection on a client's only port is in TIME_WAIT; when can the client connect to the same server again?
//   - [ ] at once
//   - [x] after a second
//   - [ ] after a minute
func TestPortInTimeWaitIsReusedAfterASecond(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.PortRanges, kernel.Proc)
	aloneWithReuse(x)
	require.Equal(t, "2", kernel.SystemSetting(x, "ipv4/tcp_tw_reuse"), "tcp_tw_reuse should be 2: on for the loopback")
	before := kernelSecond(t)
	took := untilPortIsLent(t, x)
	assert.Less(t, took, timeWait, "the port should be used again before TIME_WAIT has ended")
	if kernel.IsSince(x, 6, 14) {
		x.AssertAtLeast(took, reuseDelay)
	}
	assert.Greater(t, kernelSecond(t), before)
}

// TestReuseAddrDoesNotHelpConnect: SO_REUSEADDR, on the old and on the new socket, does not let connect choose the port of a
// connection in TIME_WAIT for the same server again. tcp_tw_reuse decides: with 0, connect can't choose that port; with
// 1, connect can, a second after TIME_WAIT has begun.
//
// Claim: R5.
// Verdict: holds for bind; connect, when it chooses a client's port, does not look at the option.
//
// Source: tcp_tw_reuse in ip-sysctl: 2, the default, does on the loopback what 1 does everywhere. Both need TCP timestamps.
//
// Predict: all local ports of a client have connections to one server, in TIME_WAIT; which of these lets the client connect to it again?
//   - [ ] SO_REUSEADDR
//   - [x] tcp_tw_reuse = 1
//   - [ ] each of the two
//   - [ ] neither
func TestReuseAddrDoesNotHelpConnect(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.PortRanges, kernel.SystemSettings)
	const (
		setting = "ipv4/tcp_tw_reuse"    // for IPv6 too
		late    = 400 * time.Millisecond // more than TestDelayOfReuseIsASetting, which may run at the same time, adds to the delay
	)
	awaitSecondAfterBoot(t)
	listener := peer.ListenNoKeepalive(x)
	address := listener.Addr().String()
	with := func(o option) func(_, _ string, conn syscall.RawConn) error {
		return func(_, _ string, conn syscall.RawConn) (err error) {
			conn.Control(func(fd uintptr) { err = o.set(int(fd)) })
			return err
		}
	}

	x.Step("a client with SO_REUSEADDR connects and closes first; more than a second passes")
	var client net.Conn
	for done := false; !done; {
		var err error
		client, err = (&net.Dialer{Control: with(reuseAddr)}).Dial("tcp", address)
		require.NoError(t, err)
		x.Own(client)
		server, err := listener.AcceptTCP()
		require.NoError(t, err)
		x.Own(server)
		closeInTurn(t, client.(*net.TCPConn), server)
		done = inTimeWait(x, client.(*net.TCPConn))
	}
	require.Eventually(t, func() bool {
		return kernel.AwaitConnection(x, client.LocalAddr().String(), address, kernel.TimeWait)[0].Left < timeWait-reuseDelay-late
	}, harness.HangGuard, 10*time.Millisecond)

	dialAgain := func(o option) (net.Conn, error) {
		dialer := net.Dialer{Control: func(network, address string, conn syscall.RawConn) error {
			return errors.Join(onlyFromPortOf(client)(network, address, conn), with(o)(network, address, conn))
		}}
		conn, err := dialer.Dial("tcp", address)
		x.Outcome(harness.Client, "Dial with the option %v: %v", o, err)
		if err == nil {
			x.Own(conn)
		}
		return conn, err
	}
	aloneWithReuse(x)
	x.Step("clients may use that port only; tcp_tw_reuse is 0")
	kernel.SetSystemSetting(x, setting, "0")
	for _, o := range []option{none, reuseAddr} {
		_, err := dialAgain(o)
		assert.ErrorIs(t, err, syscall.EADDRNOTAVAIL, "with the option %v", o)
	}
	x.Step("tcp_tw_reuse is 1")
	kernel.SetSystemSetting(x, setting, "1")
	again, err := dialAgain(none)
	for began := time.Now(); err != nil && time.Since(began) < timeWait/2; again, err = dialAgain(none) {
		<-time.After(10 * time.Millisecond)
	}
	require.NoError(t, err)
	assert.Equal(t, client.LocalAddr(), again.LocalAddr())
}

// reuse lets only one experiment at a time depend on tcp_tw_reuse, or change it.
var reuse sync.Mutex

func aloneWithReuse(x *harness.Experiment) {
	reuse.Lock()
	x.AtEnd(reuse.Unlock)
}

// TestDelayOfReuseIsASetting: tcp_tw_reuse_delay (since Linux 6.14) is the number of milliseconds after which connect
// can use the port of a connection in TIME_WAIT again.
//
// Claim: Beyond the chapter.
func TestDelayOfReuseIsASetting(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.PortRanges, kernel.ReuseDelay)
	const setting = "ipv4/tcp_tw_reuse_delay" // for IPv6 too
	require.Equal(t, "1000", kernel.SystemSetting(x, setting))
	kernel.SetSystemSetting(x, setting, "1300") // longer, not shorter: other experiments may be late, but not wrong
	x.AssertAtLeast(untilPortIsLent(t, x), 1300*time.Millisecond)
}

// awaitSecondAfterBoot waits until the kernel has run for a second: a guest may have just booted. The kernel stores the
// second in which a connection got its last timestamp, and treats 0 as "never" (ts_recent_stamp in tcp_twsk_unique()).
// So if a connection ended in the first second, connect can't use its port before TIME_WAIT has ended.
func awaitSecondAfterBoot(t *testing.T) {
	t.Helper()
	for kernelSecond(t) == 0 {
		<-time.After(5 * time.Millisecond)
	}
}

// untilPortIsLent makes a client close first, and returns the time until the client can connect from that port again.
func untilPortIsLent(t *testing.T, x *harness.Experiment) (took time.Duration) {
	t.Helper()
	awaitSecondAfterBoot(t)
	for {
		listener := peer.ListenNoKeepalive(x)
		client, server := connect(t, x, listener)
		dialer := net.Dialer{Control: onlyFromPortOf(client)}
		x.Step("a client closes first, and connects from the same port again")
		begun := time.Now()
		closeInTurn(t, client, server)
		if !inTimeWait(x, client) {
			continue
		}
		conn, err := dialer.Dial("tcp", listener.Addr().String())
		x.Outcome(harness.Client, "Dial, at once: %v", err)
		for ; err != nil; conn, err = dialer.Dial("tcp", listener.Addr().String()) {
			require.ErrorIs(t, err, unix.EADDRNOTAVAIL)
			<-time.After(5 * time.Millisecond)
		}
		took = time.Since(begun)
		x.Own(conn)
		x.Outcome(harness.Client, "Dial, after %v: no error", took.Round(time.Millisecond))
		kernel.AwaitConnection(x, client.LocalAddr().String(), listener.Addr().String(), kernel.Established)
		return took
	}
}
