package lab04_compare

import (
	"bufio"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// failure is a way in which the other side fails us, or only seems to.
type failure struct {
	name  string
	wish  wish // what we would like to happen
	needs []harness.Need
	peer  func(*testing.T, *harness.Experiment) peer

	strike func(*testing.T, *harness.Experiment, defence, *peer) // the failure, and what we have sent by then
	doing  string
	we     func(context.Context, defence, peer) error  // what we wait for meanwhile
	end    func(*testing.T, *harness.Experiment, peer) // what happens when the observation is over
}

// failures are the rows of the table.
var failures = []failure{
	{name: "nothing, idle", wish: survive, peer: lively, strike: nothing, doing: "idle", we: waitIdle, end: speak},
	{name: "slow answer", wish: end, peer: busy, strike: ask, doing: "wait for the answer", we: waitForAnswer},
	{name: "application hangs, asked", wish: end, needs: processes, peer: process, strike: stopAndAsk, doing: "wait for the answer", we: waitForAnswer},
	{name: "application hangs, idle", wish: end, needs: processes, peer: process, strike: stop, doing: "idle", we: waitIdle},
	{name: "process is killed", wish: end, needs: processes, peer: process, strike: kill, doing: "idle", we: waitIdle},
	{name: "host vanishes, idle", wish: end, needs: vanishing, peer: lively, strike: vanish, doing: "idle", we: waitIdle},
	{name: "host vanishes, asked", wish: end, needs: vanishing, peer: lively, strike: vanishAndAsk, doing: "wait for the answer", we: waitForAnswer},
	{name: "host reboots, idle", wish: end, needs: vanishing, peer: lively, strike: reboot, doing: "idle", we: waitIdle},
	{name: "peer stops reading", wish: end, peer: inattentive, strike: nothing, doing: "send", we: send},
	{name: "short outage, asked", wish: survive, needs: vanishing, peer: lively, strike: shortOutage, doing: "wait for the answer", we: waitForAnswer},
	{name: "nobody answers connect", wish: end, needs: unanswered, peer: absent, strike: nothing, doing: "connect", we: connect},
}

var (
	processes  = []harness.Need{harness.Processes}
	vanishing  = []harness.Need{harness.VanishingPeers}
	unanswered = []harness.Need{harness.UnansweredConnects}
)

// peer is the other side, and our end of the connection to it.
type peer struct {
	address string
	client  *net.TCPConn     // ours
	server  *net.TCPConn     // its own, where it is in this process
	process *harness.Process // where it is not
}

// answer is the other side's application. It answers a ping at once, and a question when it can.
func answer(conn net.Conn, isBusy bool) {
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case err != nil:
			return
		case line == "ping\n":
			conn.Write([]byte("pong\n"))
		case !isBusy:
			conn.Write([]byte("the answer\n"))
		}
	}
}

func lively(_ *testing.T, x *harness.Experiment) peer {
	client, server := x.PairNoKeepalive()
	go answer(server, false)
	return peer{client: client, server: server}
}

func busy(_ *testing.T, x *harness.Experiment) peer {
	client, server := x.PairNoKeepalive()
	go answer(server, true)
	return peer{client: client, server: server}
}

func inattentive(_ *testing.T, x *harness.Experiment) peer {
	client, server := x.PairNoKeepalive()
	return peer{client: client, server: server}
}

func absent(_ *testing.T, x *harness.Experiment) peer {
	return peer{address: x.FullBacklog()}
}

// answering is the same application as a process of its own.
var answering = harness.NewProgram("answering", func(self *harness.Self) error {
	listener, err := net.Listen("tcp", harness.Loopback())
	if err != nil {
		return err
	}
	self.Ready(listener.Addr())
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	answer(conn, false)
	return nil
})

func process(t *testing.T, x *harness.Experiment) peer {
	started, err := x.StartProcess(answering)
	require.NoError(t, err)
	client := x.DialNoKeepalive(started.Address)
	// Once it has answered, it has accepted. A connection that nobody has accepted ends in a reset.
	_, err = client.Write([]byte("ping\n"))
	require.NoError(t, err)
	_, err = bufio.NewReader(client).ReadString('\n')
	require.NoError(t, err)
	return peer{client: client, process: started}
}

func nothing(*testing.T, *harness.Experiment, defence, *peer) {}

func ask(t *testing.T, _ *harness.Experiment, d defence, p *peer) {
	require.NoError(t, d.write(p.client, []byte("a question\n")))
}

func stop(_ *testing.T, _ *harness.Experiment, _ defence, p *peer) { p.process.Stop() }
func kill(_ *testing.T, _ *harness.Experiment, _ defence, p *peer) { p.process.Kill() }

func stopAndAsk(t *testing.T, x *harness.Experiment, d defence, p *peer) {
	stop(t, x, d, p)
	ask(t, x, d, p)
}

func vanish(_ *testing.T, x *harness.Experiment, _ defence, p *peer) { x.Vanish(p.server) }
func reboot(_ *testing.T, x *harness.Experiment, _ defence, p *peer) { x.Reboot(p.server, p.client) }

func vanishAndAsk(t *testing.T, x *harness.Experiment, d defence, p *peer) {
	vanish(t, x, d, p)
	ask(t, x, d, p)
}

// shortOutage lasts until the kernel has sent our question a second time, in vain. On a busy machine that
// may be seen too late, and the outage was not short; then it begins anew.
func shortOutage(t *testing.T, x *harness.Experiment, d defence, p *peer) {
	const short = giveUp / 3
	for {
		began := time.Now()
		vanishAndAsk(t, x, d, p)
		x.AwaitTCPInfo(harness.Client, p.client, func(i harness.TCPInfo) bool { return i.Retransmits > 0 })
		x.Step("the host returns")
		x.Return(p.server)
		if time.Since(began) < short {
			return
		}
		*p = lively(t, x)
		require.NoError(t, d.defend(t.Context(), p.client))
	}
}

// speak shows that the connection is still good.
func speak(t *testing.T, x *harness.Experiment, p peer) {
	x.Step("after all that time, the server has news")
	_, err := p.server.Write([]byte("news\n"))
	require.NoError(t, err)
}

func waitIdle(_ context.Context, d defence, p peer) error {
	return d.read(p.client, d.idleReads)
}

func waitForAnswer(_ context.Context, d defence, p peer) error {
	return d.read(p.client, d.activeCalls)
}

// moreThanBuffersHold is what the kernel can't take without a reader: its buffers end at 6 MiB for
// the receiver and 4 MiB for the sender (tcp_rmem and tcp_wmem in tcp(7)).
var moreThanBuffersHold = sync.OnceValue(func() []byte { return make([]byte, 32<<20) })

// send says first what ends first: sending, or, with a heartbeat, waiting for its answers.
func send(_ context.Context, d defence, p peer) error {
	ended := make(chan error, 2)
	go func() { ended <- d.write(p.client, moreThanBuffersHold()) }()
	if d.heartbeat > 0 {
		go func() { ended <- d.read(p.client, giveUp) }()
	}
	return <-ended
}

func connect(ctx context.Context, d defence, p peer) error {
	return d.dial(ctx, p.address)
}
