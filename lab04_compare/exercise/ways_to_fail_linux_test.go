package exercise_test

import (
	"io"
	"net"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// wayToFail is a row of the decision table, as a server sees it.
type wayToFail struct {
	name    string // a client that …
	fail    func(*net.TCPConn)
	not     time.Duration // before which the client may not be dropped, after its last question
	mistake string        // of a server that does not find it
	read    string
}

// failingClient is one that was answered once, and fails then.
type failingClient struct {
	way     wayToFail
	conn    *net.TCPConn
	address string
	begun   time.Time // before its last question
}

func (s *server) connectFailing() (failing []*failingClient) {
	ways := s.waysToFail()
	s.g.Step("%d more come, are answered once, and fail, each in its own way", len(ways))
	for _, way := range ways {
		c := s.connect(true)
		s.ask(c, grading.Text(10))
		failing = append(failing, &failingClient{way: way, conn: c.conn, address: c.conn.LocalAddr().String(), begun: c.since})
	}
	for _, c := range failing {
		s.g.Outcome(harness.Client, "%s: %s", c.address, c.way.name)
		c.way.fail(c.conn)
	}
	return failing
}

func (s *server) waysToFail() []wayToFail {
	const line = 1000 // bytes of a question, at most
	return []wayToFail{
		{"hangs while it is idle", func(*net.TCPConn) {}, s.limits.Quiet + s.limits.Answer,
			"a client whose program hangs while it is idle is held: its kernel answers for it",
			"lab04_compare/TestHungApplicationAnswersProbes"},
		{"hangs in the middle of a question", func(conn *net.TCPConn) { s.write(conn, "are you") }, s.limits.Question,
			"the rest of a question is waited for without a limit",
			"lab03_keepalive/TestHungProcessLooksAlive"},
		{"sends a question a byte at a time, and no end", func(conn *net.TCPConn) {
			peer.Drip(s.g.Experiment, conn, strings.Repeat(".", line-1), 50*time.Millisecond)
		}, s.limits.Question,
			"each byte moves the deadline: a question that comes a byte at a time takes as long as it likes",
			"lab01_timeout/TestOneDeadlineBoundsWholeExchange"},
		{"asks for a long answer, and does not read it", func(conn *net.TCPConn) { s.write(conn, longQuestion+"\n") }, s.limits.Answer,
			"an answer that the client does not take is written without a limit",
			"lab03_keepalive/TestStalledReaderIsNoDeadPeer"},
		{"is idle when its host vanishes", func(conn *net.TCPConn) { link.Vanish(s.g.Experiment, conn) }, s.limits.Quiet,
			"a client whose host vanished while it was idle is held",
			"lab03_keepalive/TestIdleConnectionOutlivesItsPeer"},
		{"has asked when its host vanishes", func(conn *net.TCPConn) {
			link.Vanish(s.g.Experiment, conn)
			s.write(conn, "are you there?\n")
		}, s.limits.Quiet,
			"a client whose host vanished with an answer on its way is held: the kernel sends it again and again",
			"lab03_keepalive/TestDataInFlightSilencesProbes"},
		{"is idle when its host crashes and comes back", func(conn *net.TCPConn) { link.Forget(s.g.Experiment, conn) }, 0,
			"a client whose host has forgotten the connection is held",
			"lab03_keepalive/TestRebootedPeerAnswersFirstProbeWithReset"},
		{"is killed", func(conn *net.TCPConn) { conn.Close() }, 0,
			"the end of a connection is not heeded: the client was killed, and the server keeps its end open",
			"lab03_keepalive/TestKilledProcessNeedsNoKeepalive"},
	}
}

// longQuestion has an answer that is longer than the buffers of both kernels: tcp_wmem and tcp_rmem in
// tcp(7).
const (
	longQuestion = "tell me everything"
	longAnswer   = 10 << 20
)

func (s *server) answer(question string) string {
	if question == longQuestion {
		return strings.Repeat("!", longAnswer)
	}
	return question + ", says " + s.name
}

func (s *server) write(conn *net.TCPConn, text string) {
	_, err := io.WriteString(conn, text)
	require.NoError(s.t, err)
}
