package lab03_keepalive

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// echo answers every word with itself.
var echo = process.NewProgram("echo", func(self *process.Self) error {
	listener, err := net.Listen("tcp", harness.Loopback())
	if err != nil {
		return err
	}
	self.Ready(listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go io.Copy(conn, conn)
	}
})

// TestHungProcessLooksAlive: it is the kernel that answers probes, also for a process that hangs. Only
// a time-out on the answer finds that out, and it can't say whether the process will go on.
//
// Claim: K4.
// Verdict: holds if it is not turned round: a peer that answers probes may answer nothing else.
//
// Predict: the server's process hangs; what does a client with keepalive learn of it?
//   - [x] nothing
//   - [ ] ETIMEDOUT, after the probes
//   - [ ] ECONNRESET, with the first probe
func TestHungProcessLooksAlive(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, process.Processes)
	const patience = 300 * time.Millisecond
	process, err := process.Start(x, echo)
	require.NoError(t, err)
	client := peer.DialNoKeepalive(x, process.Address)
	require.NoError(t, client.SetKeepAliveConfig(quickest))

	x.Step("the server's process hangs, and another server's host vanishes")
	process.Stop()
	begun := x.Step("a client of each looks after its peer, by keepalive")
	control, vanished := peer.PairNoKeepalive(x)
	require.NoError(t, control.SetKeepAliveConfig(quickest))
	link.Vanish(x, vanished)
	_, err = control.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read from the vanished host: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())
	info := kernel.ReadTCPInfo(x, harness.Client, client)
	assert.Equal(t, kernel.Established, info.State)
	assert.Less(t, info.LastReceived, time.Since(begun), "the hung process's kernel has answered nothing")

	x.Step("the client of the hung process asks something, and waits %v", patience)
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	answer := make([]byte, 1)
	_, err = client.Read(answer)
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)

	process.Continue()
	require.NoError(t, client.SetReadDeadline(time.Time{}))
	_, err = client.Read(answer)
	x.Outcome(harness.Client, "Read: %q, %v", answer, cause(err))
	assert.NoError(t, err)
}

// TestKilledProcessNeedsNoKeepalive: when a process dies, its kernel says so for it, and the reader at
// the other end returns at once: at the end of the stream, or reset if the dead had not read it all.
//
// Claim: K2.
// Verdict: holds if their host or the network went down: for a process that dies, even by SIGKILL, its
// kernel closes the connection.
//
// Predict: a process is killed by SIGKILL with data unread, and keepalive is off; what does its client's Read get?
//   - [ ] nothing: who is killed says no goodbye
//   - [ ] io.EOF
//   - [x] ECONNRESET
func TestKilledProcessNeedsNoKeepalive(t *testing.T) {
	t.Parallel()
	for _, killed := range []struct {
		name   string
		unread string
		want   error
	}{
		{"when it had read everything", "", io.EOF},
		{"with data unread", "?", unix.ECONNRESET},
	} {
		t.Run(killed.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers, process.Processes)
			process, err := process.Start(x, echo)
			require.NoError(t, err)
			client := peer.DialNoKeepalive(x, process.Address)
			awaitAnswer(t, client) // so that the process has accepted the connection
			control, vanished := peer.PairNoKeepalive(x)
			read := x.Begin(harness.Client, "Read from a host that vanishes", func() error {
				_, err := control.Read(make([]byte, 1))
				return err
			})

			x.Step("two clients without keepalive; one server's host vanishes")
			link.Vanish(x, vanished)
			x.Step("the other's process is killed, with %d bytes unread", len(killed.unread))
			process.Stop() // from here on it reads nothing
			_, err = client.Write([]byte(killed.unread))
			require.NoError(t, err)
			kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
			process.Kill()

			_, err = client.Read(make([]byte, 1))
			x.Outcome(harness.Client, "Read: %v", cause(err))
			assert.ErrorIs(t, err, killed.want)
			read.AssertStillWaiting()
		})
	}
}

func awaitAnswer(t *testing.T, client *net.TCPConn) {
	t.Helper()
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, 1))
	require.NoError(t, err)
}
