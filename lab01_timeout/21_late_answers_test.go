package lab01_timeout

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestTimeoutIsNoVerdictOnPeer: a server that did not answer one question in time answers the next one. A timeout says
// how long we waited, not whether the peer is alive.
//
// Claim: T1.
// Verdict: holds, but silence until the timeout does not mean that the peer has crashed.
func TestTimeoutIsNoVerdictOnPeer(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	server := peer.Serve(x, func(_ context.Context, conn *net.TCPConn) {
		for questions := bufio.NewScanner(conn); questions.Scan(); {
			if questions.Text() != "a hard one" {
				io.WriteString(conn, "42\n")
			}
		}
	})
	client := peer.DialNoKeepalive(x, server)

	x.Step("the client asks what the server can't answer, and waits %v", patience)
	_, err := io.WriteString(client, "a hard one\n")
	require.NoError(t, err)
	begun := time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(patience)))
	_, err = client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)

	x.Step("the client asks something else, on the same connection")
	_, err = io.WriteString(client, "an easy one\n")
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(noDeadline))
	answer, err := bufio.NewReader(client).ReadString('\n')
	x.Outcome(harness.Client, "Read: %q, %v", answer, err)
	assert.NoError(t, err)
	assert.Equal(t, "42\n", answer)
}

// TestLateAnswerIsTakenForTheNext: after a timeout, the next read on the connection gets the late answer first. If a
// protocol's answers don't say which question they belong to, a client takes the late answer for the answer to its next
// question.
//
// Claim: Beyond the chapter.
//
// Predict: a client gives up waiting, and asks another question on the same connection; which answer does it read first?
//   - [x] the first question's
//   - [ ] the second question's: the client gave up on the first
//   - [ ] neither: the connection is broken
func TestLateAnswerIsTakenForTheNext(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	client, server := peer.PairNoKeepalive(x)
	answers := bufio.NewReader(client)

	x.Step("the client asks for the capital of France, and gives up after %v", patience)
	_, err := io.WriteString(client, "capital of France?\n")
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	_, err = answers.ReadString('\n')
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.Step("the client asks for the capital of Spain; the server answers both questions, in order")
	_, err = io.WriteString(client, "capital of Spain?\n")
	require.NoError(t, err)
	_, err = io.WriteString(server, "Paris\nMadrid\n")
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(noDeadline))
	answer, err := answers.ReadString('\n')
	x.Outcome(harness.Client, "the capital of Spain, then: %q, %v", answer, err)

	assert.NoError(t, err)
	assert.Equal(t, "Paris\n", answer, "the late answer to the first question should come first")
}
