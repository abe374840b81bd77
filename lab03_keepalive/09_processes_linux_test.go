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
	"socketlabs/harness/story"
)

// echo sends back whatever it receives.
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

// holder inherits an open connection, keeps it open, and does nothing else.
var holder = process.NewProgram("holder", func(self *process.Self) error {
	conn, err := net.FileConn(os.NewFile(process.Inherited, "connection"))
	if err != nil {
		return err
	}
	defer conn.Close()
	self.Ready(conn.LocalAddr())
	<-self.Context().Done()
	return nil
})

// TestHungProcessLooksAlive: the kernel answers keepalive probes for a process that hangs (stopped with SIGSTOP), so
// keepalive finds nothing. A read deadline fires, but can't tell whether the process will go on.
//
// Claim: K4.
// Verdict: holds, but a peer that answers probes may answer nothing else.
//
// Predict: the server's process hangs (SIGSTOP); what does the client's keepalive find?
//   - [x] nothing
//   - [ ] ETIMEDOUT, after the probes
//   - [ ] ECONNRESET, with the first probe
func TestHungProcessLooksAlive(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, process.Processes)
	const timeout = 300 * time.Millisecond
	process, err := process.Start(x, echo)
	require.NoError(t, err)
	client := peer.DialNoKeepalive(x, process.Address)
	require.NoError(t, client.SetKeepAliveConfig(quickest))

	x.Step("the server's process hangs (SIGSTOP), and another server's host vanishes; both clients have keepalive")
	process.Stop()
	begun := time.Now()
	control, vanished := peer.PairNoKeepalive(x)
	require.NoError(t, control.SetKeepAliveConfig(quickest))
	link.Vanish(x, vanished)
	_, err = control.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read from the vanished host: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())
	info := kernel.ReadTCPInfo(x, harness.Client, client)
	assert.Equal(t, kernel.Established, info.State)
	assert.Less(t, info.LastReceived, took, "the hung process's kernel should have answered a probe")

	x.Step("the client of the hung process sends a request, and waits %v", timeout)
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	answer := make([]byte, 1)
	begun = time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(timeout)))
	_, err = client.Read(answer)
	took = time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, timeout)

	process.Continue()
	require.NoError(t, client.SetReadDeadline(time.Time{}))
	_, err = client.Read(answer)
	require.NoError(t, err)
	x.Outcome(harness.Client, "Read: %q", answer)
}

// TestKilledProcessNeedsNoKeepalive: when a process is killed, its kernel closes its connections, and Read at the
// other end returns at once: io.EOF, or ECONNRESET if the process has left data unread.
//
// Claim: K2.
// Verdict: holds if the clients' host or the network went down. If only a client's process dies, even by SIGKILL, its
// kernel closes the connection, unless another process has it open: see TestConnectionLivesWhileAnyProcessHasIt.
//
// Source: TestConnectionLivesWhileAnyProcessHasIt shows that a connection stays open while another process has it.
//
// Predict: a server's process is killed (SIGKILL) before it has read a request, and keepalive is off; what does the client's Read return?
//   - [ ] nothing: Read waits, because a killed process closes nothing
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

			x.Step("two clients have no keepalive; one server's host vanishes")
			link.Vanish(x, vanished)
			x.Step("the other server's process is killed, with %s unread", story.Count(len(killed.unread), "byte"))
			process.Stop() // from here on, the process reads nothing
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

// TestConnectionLivesWhileAnyProcessHasIt: if a process is killed while another process has its connection open, the kernel
// does not close the connection, and the other end gets no FIN. The other process may be a child that has inherited the
// descriptor.
//
// Claim: Beyond the chapter.
func TestConnectionLivesWhileAnyProcessHasIt(t *testing.T) {
	x := harness.Start(t, harness.Linux, process.Processes)
	client, server := peer.PairNoKeepalive(x)
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})

	x.Step("two processes inherit the server's end, and nobody else has it")
	first, err := process.Start(x, holder.Inheriting(server))
	require.NoError(t, err)
	second, err := process.Start(x, holder.Inheriting(server))
	require.NoError(t, err)
	require.NoError(t, server.Close())

	x.Step("one of the two processes is killed")
	first.Kill()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, client).State)
	read.AssertStillWaiting()

	x.Step("the other process is killed, too")
	second.Kill()
	assert.ErrorIs(t, read.Wait(), io.EOF)
}
