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

// TestTimeoutIsNoVerdictOnPeer: a peer that did not answer in time answers the next question. A
// time-out says how long we waited, not how the peer is.
//
// Claim: T1.
// Verdict: holds if one does not turn it round: silence until the time-out does not mean a crash.
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

	begun := x.Step("the client asks what the server can't answer in time")
	_, err := io.WriteString(client, "a hard one\n")
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	_, err = client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, patience)

	x.Step("the client asks something else, on the same connection")
	_, err = io.WriteString(client, "an easy one\n")
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(noDeadline))
	answer, err := bufio.NewReader(client).ReadString('\n')
	x.Outcome(harness.Client, "Read: %q, %v", answer, err)
	assert.NoError(t, err)
	assert.Equal(t, "42\n", answer)
}

// TestLateAnswerIsTakenForTheNext: after a time-out, the answer that comes late is the first thing
// that the next read gets. A connection does not know which question an answer belongs to.
//
// Claim: Beyond the chapter.
//
// Predict: a client gives a question up, and asks another on the same connection; whose answer does it read first?
//   - [x] the first one's
//   - [ ] the second one's: the first was given up
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

	x.Step("it asks for the capital of Spain; the server answers both, in order")
	_, err = io.WriteString(client, "capital of Spain?\n")
	require.NoError(t, err)
	_, err = io.WriteString(server, "Paris\nMadrid\n")
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(noDeadline))
	answer, err := answers.ReadString('\n')
	x.Outcome(harness.Client, "the capital of Spain, then: %q, %v", answer, err)

	assert.NoError(t, err)
	assert.Equal(t, "Paris\n", answer, "the answer to the question before")
}
