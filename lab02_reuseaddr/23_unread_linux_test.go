package lab02_reuseaddr

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// How a server may end a connection after its answer.
var endings = []struct {
	name      string
	readsAll  bool // the server has read the client's request to its end
	end       func(*net.TCPConn) error
	delivered bool
}{
	{"answers all of the request, and closes", true, (*net.TCPConn).Close, true},
	{"answers with some of the request unread, and closes", false, (*net.TCPConn).Close, false},
	{"answers with some of the request unread, drains it, and closes", false, drainAndClose, true},
}

// TestCloseWithUnreadDataLosesAnswer: a server that closes with a part of the request unread resets the connection, and
// the client loses the part of the answer that it has not received. If the server calls CloseWrite, reads the rest of
// the request under a deadline, and then calls Close, the client gets the whole answer.
//
// Claim: Beyond the chapter.
//
// Source: TestHalfCloseStillReceives shows, with the roles exchanged, that bytes which arrive after Close cause a reset, too.
//
// Predict: a server answers, and closes before it has read the whole request; what does the client get?
//   - [ ] the answer, then io.EOF
//   - [x] what had arrived of the answer, then ECONNRESET
//   - [ ] the whole answer, then ECONNRESET
func TestCloseWithUnreadDataLosesAnswer(t *testing.T) {
	t.Parallel()
	for _, ending := range endings {
		t.Run(ending.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers, kernel.SocketTable)
			const request, answer = "a long request", "413: too long"
			client, server := peer.PairNoKeepalive(x)
			_, err := io.WriteString(client, request)
			require.NoError(t, err)
			asked := make([]byte, len(request)-1)
			if ending.readsAll {
				asked = make([]byte, len(request))
			}
			_, err = io.ReadFull(server, asked)
			require.NoError(t, err)

			x.Step("the client's host is away for a moment; the server %s", ending.name)
			link.Vanish(x, client)
			_, err = io.WriteString(server, answer)
			require.NoError(t, err)
			ended := x.Begin(harness.Server, "the server's close", func() error { return ending.end(server) })
			if ending.delivered {
				kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String(), kernel.FinWait1)
			} else {
				require.NoError(t, ended.Wait())
				kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String()) // no socket is left to retransmit the answer
			}

			x.Step("the client's host is back")
			link.Return(x, client)
			if !ending.delivered {
				_, err = io.WriteString(client, "?") // the reset was lost: get another one
				require.NoError(t, err)
			}
			got, err := io.ReadAll(client)
			x.Outcome(harness.Client, "read %q, %v", got, err)
			if ending.delivered {
				assert.NoError(t, err)
				assert.Equal(t, answer, string(got))
			} else {
				assert.ErrorIs(t, err, unix.ECONNRESET)
				assert.Empty(t, got)
			}
			require.NoError(t, client.Close())
			assert.NoError(t, ended.Wait())
		})
	}
}

// drainAndClose drains until the client closes. The limit is there in case the client never does.
func drainAndClose(conn *net.TCPConn) error { return closeAfterDraining(conn, harness.HangGuard) }

// closeAfterDraining half-closes the connection, to mark the end of the answer. It then reads what the client still sends,
// until the client closes or the limit is over. At the end, it closes the connection.
func closeAfterDraining(conn *net.TCPConn, limit time.Duration) error {
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	conn.SetReadDeadline(time.Now().Add(limit))
	io.Copy(io.Discard, conn)
	return conn.Close()
}

// TestDrainNeedsOneDeadline: a server that drains a request under one deadline stops at that deadline, even if the
// client goes on sending. A server that moves the deadline before each read drains for as long as the client sends.
//
// Claim: T6.
// Verdict: holds for a timeout that is set before each call; one Go deadline bounds the whole drain.
func TestDrainNeedsOneDeadline(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const pause, limit = 10 * time.Millisecond, 1 * time.Second
	endless := strings.Repeat("more ", 10000)
	client, server := peer.PairNoKeepalive(x)
	other, patient := peer.PairNoKeepalive(x)
	peer.Drip(x, client, endless, pause)
	peer.Drip(x, other, endless, pause)

	x.Step("two clients send a byte every %v; the server drains one request under one deadline, and the other with a new deadline before each read", pause)
	drains := x.Begin(harness.Server, "drain with a deadline for each read", func() (err error) {
		for err == nil {
			patient.SetReadDeadline(time.Now().Add(harness.HangGuard))
			_, err = patient.Read(make([]byte, 1))
		}
		return err
	})
	begun := time.Now()
	err := closeAfterDraining(server, limit)
	took := time.Since(begun)
	x.Outcome(harness.Server, "Close: %v", err)
	assert.NoError(t, err)
	x.AssertAtLeast(took, limit)
	drains.AssertStillWaiting()
}
