package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab03_keepalive/exercise"
)

// TestServe: the server serves many clients at a time, keeps those that are there, and gives back what
// those hold that are not.
//
// Points: 15
// Read: TestKeepaliveGivesHalfOpenConnectionsBack, TestDataInFlightSilencesProbes, TestUserTimeoutOverridesProbeCount, TestLivePeerAnswersUnseen
// Hint: A goroutine for each client, which ends when its read fails; whatever it ends with, it closes the connection.
// Hint: A deadline for reads can't tell a client that is silent from one that is gone. What can?
// Hint: That is silent in its turn while an answer is under way. The exercise BoundUnacknowledged has what is missing then.
// Hint: The two together have a rule of their own: TestUserTimeoutOverridesProbeCount. Give both the same time.
func TestServe(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers)
	// The garbage collector closes, some time, what nobody holds any more. That is nothing to rely on.
	percent := debug.SetGCPercent(-1)
	defer debug.SetGCPercent(percent)
	silence := time.Duration(2+rand.IntN(2)) * time.Second
	s := startServing(t, g, silence)
	patient := startServing(t, g, 10*time.Minute)
	idle, asking, staying := s.clients(3), s.clients(2), s.clients(2)
	patientsClients := patient.clients(2)

	s.leave(len(idle) + len(asking) + len(staying))
	g.Step("the hosts of %d silent clients vanish, and of %d that have just asked; %d stay", len(idle), len(asking), len(staying))
	for _, client := range slices.Concat(idle, asking, patientsClients) {
		link.Vanish(g.Experiment, client)
	}
	for _, client := range asking {
		_, err := io.WriteString(client, grading.Text(10)) // arrives; the answer does not
		require.NoError(t, err)
	}
	s.givesBack(idle, asking, len(staying))
	s.keeps(staying)
	patient.givesNothingBackYet(len(patientsClients))
	for _, client := range patientsClients {
		link.Return(g.Experiment, client)
	}
	s.stop(staying)
	patient.stop(patientsClients)
}

// serving is the student's server.
type serving struct {
	*grading.Running
	t        *testing.T
	g        *grading.Grader
	silence  time.Duration
	listener *net.TCPListener
	address  string
	over     chan struct{}
	err      error // of Serve
}

func startServing(t *testing.T, g *grading.Grader, silence time.Duration) *serving {
	t.Helper()
	g.Step("a server begins; clients that are silent for %v because they have vanished are to be given up", silence)
	s := &serving{t: t, g: g, silence: silence, listener: peer.ListenNoKeepalive(g.Experiment), over: make(chan struct{})}
	s.address = s.listener.Addr().String()
	s.Running = g.Go("Serve", func() {
		defer close(s.over)
		s.err = exercise.Serve(s.listener, silence)
		g.Outcome(harness.Server, "Serve: %v", s.err)
	})
	first := peer.DialNoKeepalive(g.Experiment, s.address)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.ask(first)
	}()
	select {
	case <-answered:
	case <-s.over:
		s.Wait(0, grading.Finding{}) // it may have panicked
		g.Expect(false, grading.Finding{
			Mistake:  "Serve does not serve",
			Expected: "it goes on until the listener is closed",
			Seen:     fmt.Sprintf("it has returned: %v", s.err),
		})
	}
	require.NoError(t, first.Close())
	return s
}

// clients connect and are served.
func (s *serving) clients(n int) (connected []*net.TCPConn) {
	s.t.Helper()
	s.g.Step("%d clients connect to the server for %v, and each asks something", n, s.silence)
	for range n {
		client := peer.DialNoKeepalive(s.g.Experiment, s.address)
		connected = append(connected, client)
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Mistake:  "a client is not served while others are connected",
			Expected: "it has back what it has said",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
		})
	}
	return connected
}

// ask says something and wants to have it back.
func (s *serving) ask(client *net.TCPConn) (got string, err error) {
	if err := client.SetDeadline(time.Now().Add(grading.Patience)); err != nil {
		return "", err
	}
	word := grading.Text(10)
	if _, err := io.WriteString(client, word); err != nil {
		return "", err
	}
	answer := make([]byte, len(word))
	n, err := io.ReadFull(client, answer)
	if err == nil && string(answer) != word {
		err = fmt.Errorf("it has said %q", word)
	}
	return string(answer[:n]), err
}

// leave makes two clients end their connections, each in its way.
func (s *serving) leave(others int) {
	s.t.Helper()
	leaving := s.clients(2)
	s.g.Step("two clients leave: one hangs up, one resets its connection")
	require.NoError(s.t, leaving[0].Close())
	require.NoError(s.t, leaving[1].SetLinger(0))
	require.NoError(s.t, leaving[1].Close())
	held := kernel.AwaitDescriptorsAt(s.g.Experiment, s.address, others, grading.Patience)
	s.g.Expect(held <= others, grading.Finding{
		Mistake:  "a connection that its client has ended is not closed",
		Expected: "their descriptors are given back at once",
		Seen:     fmt.Sprintf("%s, for %s", story.Count(held, "descriptor"), story.Count(others, "client")),
		Read:     "lab03_keepalive/TestKilledProcessNeedsNoKeepalive",
	})
}

// givesBack waits until the server holds no more than it should.
func (s *serving) givesBack(idle, asking []*net.TCPConn, staying int) {
	s.t.Helper()
	held := kernel.AwaitDescriptorsAt(s.g.Experiment, s.address, staying, s.silence+grading.Patience)
	if held <= staying {
		return
	}
	f := grading.Finding{
		Mistake:  "the kernel has given connections up, and their descriptors are open still",
		Expected: fmt.Sprintf("soon after %s the server holds the %d descriptors of those that stay", story.Duration(s.silence), staying),
		Seen:     story.Count(held, "descriptor"),
		Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
	}
	table, err := kernel.AllSockets()
	require.NoError(s.t, err)
	heldIdle, heldAsking := inTable(table, s.address, idle), inTable(table, s.address, asking)
	switch {
	case heldIdle > 0:
		f.Mistake = "clients that have vanished are not given up"
	case heldAsking > 0:
		f.Mistake = "clients that vanish while an answer is on its way are not given up"
		f.Read = "lab03_keepalive/TestDataInFlightSilencesProbes"
	}
	f.Seen += fmt.Sprintf("; in the kernel's table are %d of the silent ones, and %d of those that have asked", heldIdle, heldAsking)
	s.g.Expect(false, f)
}

// inTable counts the clients whose connections the kernel of the server has still.
func inTable(table []kernel.Socket, address string, clients []*net.TCPConn) (n int) {
	at := netip.MustParseAddrPort(address)
	for _, client := range clients {
		with := client.LocalAddr().(*net.TCPAddr).AddrPort()
		if slices.ContainsFunc(table, func(s kernel.Socket) bool { return s.Local == at && s.Remote == with }) {
			n++
		}
	}
	return n
}

// keeps: clients that are there have been silent for longer, and are served again.
func (s *serving) keeps(staying []*net.TCPConn) {
	s.t.Helper()
	s.g.Step("those that stayed have been silent for longer than %v; they ask again", s.silence)
	for _, client := range staying {
		kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
			return i.State != kernel.Established || i.LastReceived > s.silence+time.Second
		})
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Mistake:  "a client that is there is dropped because it was silent",
			Expected: "it has back what it has said",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
		})
	}
}

// givesNothingBackYet: this server is to wait for much longer.
func (s *serving) givesNothingBackYet(clients int) {
	s.t.Helper()
	s.g.Step("the clients of the server for %v have vanished too, a few seconds ago", s.silence)
	held := kernel.DescriptorsAt(s.g.Experiment, s.address)
	s.g.Expect(held == clients, grading.Finding{
		Mistake:  "clients are given up long before the silence is as long as it was to be",
		Expected: fmt.Sprintf("the server holds %d descriptors still", clients),
		Seen:     fmt.Sprint(held),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
}

// stop lets the clients hang up and closes the listener. What the server has started must end.
func (s *serving) stop(clients []*net.TCPConn) {
	s.t.Helper()
	s.g.Step("the clients of the server for %v leave, and its listener is closed", s.silence)
	for _, client := range clients {
		require.NoError(s.t, client.SetLinger(0)) // what is under way does not matter any more
		require.NoError(s.t, client.Close())
	}
	require.NoError(s.t, s.listener.Close())
	s.Wait(0, grading.Finding{
		Mistake:  "Serve goes on without a listener",
		Expected: "when the listener is closed, Serve returns",
	})
	s.g.Expect(errors.Is(s.err, net.ErrClosed), grading.Finding{
		Mistake:  "Serve does not say why it has ended",
		Expected: "the listener's error, net.ErrClosed",
		Seen:     fmt.Sprint(s.err),
	})
}
