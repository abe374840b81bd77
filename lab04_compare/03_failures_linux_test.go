package lab04_compare

import (
	"bufio"
	"cmp"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// The failures of the table: each function makes one of them happen to a connection with our defense, and begins the call
// that we wait for. The rows of the table, in 03_decision_table_linux_test.go, name these functions.

// healthyIdle makes nothing fail: the server sends nothing until the observation is over.
func healthyIdle(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	go answer(server, false)
	sendNews(t, x, server, d.observation())
	return waitIdle(x, d, client)
}

// sendNews makes the server send something after a while.
func sendNews(t *testing.T, x *harness.Experiment, server *net.TCPConn, after time.Duration) {
	x.Go(func() {
		if harness.Passed(t.Context(), after) {
			server.Write([]byte("news\n"))
		}
	})
}

// slowAnswer makes the server busy with our request for longer than we watch. We count that as a failure of the call.
func slowAnswer(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	go answer(server, true)
	return ask(t, x, d, client)
}

// applicationHangsPending stops the server's process (SIGSTOP) before we send a request. The
// server's kernel still acknowledges the request.
func applicationHangsPending(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connectedToProcess(t, x, d)
	server.Stop()
	return ask(t, x, d, client)
}

func applicationHangsIdle(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connectedToProcess(t, x, d)
	server.Stop()
	return waitIdle(x, d, client)
}

// processIsKilled kills the server's process. The server's kernel ends the connection.
func processIsKilled(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connectedToProcess(t, x, d)
	server.Kill()
	return waitIdle(x, d, client)
}

func hostVanishesIdle(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	go answer(server, false)
	link.Vanish(x, server)
	return waitIdle(x, d, client)
}

// hostVanishesPending makes the host vanish just before our request, which stays in flight. If the host had
// acknowledged the request, nothing would be in flight, and the connection would time out as an idle one does.
func hostVanishesPending(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	go answer(server, false)
	link.Vanish(x, server)
	return ask(t, x, d, client)
}

// hostVanishesSending makes the server's host vanish just before we send more than the buffers hold. The data that fits
// stays unacknowledged, and our write waits for room.
func hostVanishesSending(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	go answer(server, false)
	link.Vanish(x, server)
	return send(x, d, client)
}

// hostRebootsIdle crashes the host, and brings it back without its connections.
func hostRebootsIdle(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	go answer(server, false)
	link.Reboot(x, server, client)
	return waitIdle(x, d, client)
}

// peerStopsReading has a server that never reads what we send, so its window closes.
func peerStopsReading(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, _ := connected(t, x, d)
	return send(x, d, client)
}

// peerPausesReading has a server that reads nothing for longer than our defense waits, and then reads everything that we
// send. The server is busy, but neither dead nor hung.
func peerPausesReading(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	call := send(x, d, client)
	// The pause begins when the window is closed: TCP_USER_TIMEOUT counts from the first window probe. On a busy machine,
	// TCP_USER_TIMEOUT may already have ended the connection when the test looks.
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Backoff > 0 || i.State == kernel.Closed })
	readAfterPause(t, x, server)
	return call
}

func readAfterPause(t *testing.T, x *harness.Experiment, server *net.TCPConn) {
	const pause = giveUp + interval
	x.Go(func() {
		if harness.Passed(t.Context(), pause) {
			io.Copy(io.Discard, server)
		}
	})
}

// middleboxForgets has a middlebox that forgets the connection if it is idle. The server sends its news after every
// defense would have timed out, but before the observation ends. The middlebox has forgotten the connection by then, unless
// our defense has sent something in time.
func middleboxForgets(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	const (
		idleTimeout = 2500 * time.Millisecond // the first probe and the first ping come earlier, even on a busy machine
		news        = giveUp + interval
	)
	client, server := connected(t, x, d)
	link.ForgetfulMiddlebox(x, client, server, cmp.Or(d.idleTimeout, idleTimeout), link.DropUnknown)
	go answer(server, false)
	sendNews(t, x, server, cmp.Or(d.watched, news))
	return waitIdle(x, d, client)
}

// deadHostBehindProxyIdle connects to a server through a proxy, and makes the server's host vanish.
func deadHostBehindProxyIdle(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	return waitIdle(x, d, deadHostBehindProxy(t, x, d))
}

func deadHostBehindProxyPending(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	return ask(t, x, d, deadHostBehindProxy(t, x, d))
}

func deadHostBehindProxy(t *testing.T, x *harness.Experiment, d defense) (client *net.TCPConn) {
	client, _, server := peer.PairBehindProxyNoKeepalive(x)
	defendConnected(t, x, d, client)
	go answer(server, false)
	link.Vanish(x, server)
	return client
}

// shortOutage makes the server's host vanish until the kernel has retransmitted our request once, in vain. On a busy
// machine, we may notice the retransmission too late. Then the outage was too long, and shortOutage begins again with a new connection.
func shortOutage(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	const short = giveUp / 3
	for {
		client, server := connected(t, x, d)
		go answer(server, false)
		began := time.Now()
		link.Vanish(x, server)
		call := ask(t, x, d, client)
		kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
		link.Return(x, server)
		if time.Since(began) < short {
			return call
		}
	}
}

// nobodyAnswersConnect connects to a host that drops our SYNs.
func nobodyAnswersConnect(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	address := peer.FullBacklog(x)
	return x.Launch(harness.Client, "connect", func() error { return d.dial(t.Context(), address) })
}

// connected returns both ends of a connection. Our end has the defense.
func connected(t *testing.T, x *harness.Experiment, d defense) (client, server *net.TCPConn) {
	client, server = peer.PairNoKeepalive(x)
	defendConnected(t, x, d, client)
	return client, server
}

// connectedToProcess connects to a server in a process of its own. Our end has the defense.
func connectedToProcess(t *testing.T, x *harness.Experiment, d defense) (client *net.TCPConn, server *process.Process) {
	server, err := process.Start(x, answering)
	require.NoError(t, err)
	client = peer.DialNoKeepalive(x, server.Address)
	// A server that has answered has accepted the connection. Killed before that, it would reset the connection.
	_, err = client.Write([]byte("ping\n"))
	require.NoError(t, err)
	_, err = bufio.NewReader(client).ReadString('\n')
	require.NoError(t, err)
	defendConnected(t, x, d, client)
	return client, server
}

// defendConnected sets the defense up, and reads keepalive back: without this check, an option that had not
// taken effect would look like a defense that notices nothing.
func defendConnected(t *testing.T, x *harness.Experiment, d defense, client *net.TCPConn) {
	require.NoError(t, d.defend(t.Context(), client))
	if d.keepalive.Enable {
		require.Equal(t, d.keepalive, kernel.Keepalive(x, client))
	}
}

// waitIdle waits for whatever may come.
func waitIdle(x *harness.Experiment, d defense, client *net.TCPConn) *harness.Call {
	return x.Launch(harness.Client, "idle", func() error { return d.read(client) })
}

// ask sends a request, and begins to wait for the answer at once, so that our deadlines count from the request.
func ask(t *testing.T, x *harness.Experiment, d defense, client *net.TCPConn) *harness.Call {
	require.NoError(t, d.write(client, []byte("a request\n")))
	return x.Launch(harness.Client, "wait for the answer", func() error { return d.readAnswer(client) })
}

// send sends more than the buffers hold.
func send(x *harness.Experiment, d defense, client *net.TCPConn) *harness.Call {
	return x.Launch(harness.Client, "send", func() error { return d.send(client, moreThanBuffersHold()) })
}

// moreThanBuffersHold is more data than the kernel can buffer without a reader: at most 6 MiB for
// the receiver and 4 MiB for the sender (tcp_rmem and tcp_wmem in tcp(7)).
var moreThanBuffersHold = sync.OnceValue(func() []byte { return make([]byte, 32<<20) })
