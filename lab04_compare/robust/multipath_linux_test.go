package robust

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// speaksMultipath reports whether both sides speak Multipath TCP.
func speaksMultipath(t *testing.T, conn *net.TCPConn) bool {
	t.Helper()
	yes, err := conn.MultipathTCP()
	require.NoError(t, err)
	return yes
}

func TestListenSpeaksPlainTCP(t *testing.T) {
	t.Parallel()
	s := start(t, short, nil)
	client := s.connect(multipath(t, net.Dialer{}))
	exchange(t, client)
	assert.False(t, speaksMultipath(t, client))
}

// A connection that speaks Multipath TCP refuses TCP_USER_TIMEOUT. The server serves the client nevertheless, and the client
// may be idle like any other. But the server drops a client that leaves its answers in our buffer, after the time that
// TCP_USER_TIMEOUT would have set.
func TestMultipathClient(t *testing.T) {
	unlessChecking(t)
	t.Parallel()
	limits := short
	limits.Request, limits.Answer, limits.Buffer, limits.Clients = long, long, 64<<10, 2
	s := start(t, limits, multipathListener(t))
	begun := time.Now()
	idle, stalled := s.connect(multipath(t, net.Dialer{})), s.connect(multipath(t, smallWindow))
	exchange(t, idle)
	require.True(t, speaksMultipath(t, idle), "the control: the client should get the Multipath TCP that it asks for")
	send(t, stalled, twentyQuestions)

	third := s.connect(net.Dialer{})
	exchange(t, third) // the answer comes when a place is free
	assertLimit(t, limits.silence(), time.Since(begun))
	exchange(t, idle)
	log.await(t, stalled.LocalAddr(), "meaning=lost", "error=\"an answer stays unacknowledged: connection timed out\"")
}

func TestStopLosesNoAnswerOfMultipathClient(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Answer, limits.Idle = guard, long
	s := start(t, limits, multipathListener(t))
	client := s.connect(multipath(t, smallWindow))
	go io.WriteString(client, strings.Repeat("a request\n", 50_000))
	_, err := io.ReadFull(client, make([]byte, 1))
	require.NoError(t, err)
	s.stop()
	answers, err := io.ReadAll(client)
	assert.NoError(t, err)
	assert.True(t, strings.HasSuffix(string(answers), "a request\n"), "the last answer should be whole")
	require.NoError(t, client.Close())
	assert.NoError(t, s.wait())
}
