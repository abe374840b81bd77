package exercise_test

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
)

// TestServe: the server serves many clients at the same time, keeps those that are there, and drops those
// that have vanished.
//
// Points: 15
// Read: TestKeepaliveFreesHalfOpenConnections, TestDataInFlightSilencesProbes, TestUserTimeoutOverridesProbeCount, TestLivePeerAnswersUnseen
// Hint: Start a goroutine for each client. It ends when its read or its write fails, and always closes the connection.
// Hint: A read deadline can't distinguish a client that is silent from one that is gone. What can?
// Hint: Keepalive sends no probes while an answer is in flight. The exercise BoundUnacknowledged has what is missing then.
// Hint: The two options together have a rule of their own: TestUserTimeoutOverridesProbeCount. Divide whole seconds.
// Hint: When the listener is closed, Serve must know its connections. A context can close them: context.AfterFunc.
// Hint: accept can fail because this process has too many open descriptors. That is temporary: wait a moment.
func TestServe(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable, link.VanishingPeers)
	g.Prepare("the garbage collector", func() { keepGarbage.On(g, struct{}{}) })
	const silence = 2 * time.Second
	short, patient := startAtWork(g, silence, none), startServing(g, 10*time.Minute, none)
	v := short.vanish()
	deaf, _, _ := patient.deaf()
	patients := append(patient.clients(3), deaf)
	g.Step("the hosts of the clients of the server for %v vanish, too; one has just asked, and one does not read", patient.silence)
	for _, client := range patients {
		link.Vanish(g.Experiment, client)
	}
	require.NoError(t, patients[0].SetDeadline(time.Time{}))
	_, err := io.WriteString(patients[0], grading.Text(10)) // arrives; the answer does not
	require.NoError(t, err)

	s := startServing(g, time.Hour, byGo)
	s.echoes()
	s.servesMany()
	v.comesBack()
	s.givesUpWhoLeaves()
	ends := startServing(g, 10*time.Minute, none).stopAtWork()
	s.outOfDescriptors()
	v.readsLate()
	s.beyondDeadline()
	s.closesWithoutDescriptors()
	failing := acceptFails(g) // when nobody measures any more how much the whole process computes
	stopAtTwoAddresses(g)
	optionsFail(g)
	settingsFitSilence(g)

	v.judge()
	ends.judge()
	last(g, failing)
	patient.holdsStill(len(patients))
	for _, client := range patients {
		link.Return(g.Experiment, client)
	}
	short.stop(v.staying)
	patient.stop(patients)
	g.Prepare("the garbage collector", func() { collectGarbage.On(g, struct{}{}) })
}

// vanished are the clients of a server, some of which have vanished.
type vanished struct {
	*serving
	begun                 time.Time
	idle, asking, staying []*net.TCPConn
	away                  *net.TCPConn

	late    *net.TCPConn // it reads late what it has said
	said    []byte
	saidAll <-chan error
}

// vanish makes clients vanish.
func (s *serving) vanish() *vanished {
	s.g.T().Helper()
	v := &vanished{
		serving: s,
		idle:    append(s.clients(2), s.mute), asking: append(s.clients(2), s.early), staying: s.clients(2),
	}
	v.away = s.clients(1)[0]
	v.staying = append(v.staying, s.dial()) // one that says nothing
	v.begun = time.Now()
	s.g.Step("the hosts of %d silent clients vanish, one of which has said nothing yet, and of %d that have just asked, and of one that will be back; %d stay",
		len(v.idle), len(v.asking), len(v.staying))
	for _, client := range slices.Concat(v.idle, v.asking, []*net.TCPConn{v.away}) {
		link.Vanish(s.g.Experiment, client)
	}
	for _, client := range v.asking {
		require.NoError(s.g.T(), client.SetDeadline(time.Time{}))
		_, err := io.WriteString(client, grading.Text(10)) // arrives; the answer does not
		require.NoError(s.g.T(), err)
	}
	v.late, v.said, v.saidAll = s.deaf()
	return v
}

// comesBack: the host of one client is back in time.
func (v *vanished) comesBack() {
	v.g.T().Helper()
	v.g.Step("the host that was away is back, and the client asks again")
	link.Return(v.g.Experiment, v.away)
	got, err := v.ask(v.away)
	if err != nil && time.Since(v.begun) > v.silence {
		v.g.Step("this machine has been busy, and it was too late to judge that")
		v.away.SetLinger(0)
		v.away.Close()
		return
	}
	v.g.Expect(err == nil, grading.Finding{
		Sentence: "not-early",
		Mistake:  "a client whose host was away for less than the silence is given up",
		Expected: "it has back what it has said",
		Seen:     fmt.Sprintf("%q, %v", got, err),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
	require.NoError(v.g.T(), v.away.Close())
}

// readsLate: a client has not read for some time, which is less than the silence.
func (v *vanished) readsLate() {
	v.g.T().Helper()
	late := v.silence * 65 / 100
	v.g.Step("a client that has said a lot reads it %v later", late)
	time.Sleep(time.Until(v.begun.Add(late)))
	began := time.Now()
	f := hear(v.late, v.said, v.saidAll)
	v.late.Close()
	if began.Sub(v.begun) > v.silence-100*time.Millisecond {
		v.g.Step("this machine has been busy, and it was too late to judge that")
		return
	}
	if f.Mistake != "" {
		f.Sentence, f.Mistake = "kept", "a client that does not read for less than the silence is dropped, or does not get all back"
	}
	v.g.Expect(f.Mistake == "", f)
}

// judge waits until the server holds no more than it should.
func (v *vanished) judge() {
	v.g.T().Helper()
	v.g.Step("%v have passed since the clients were heard", v.silence)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for limit := v.begun.Add(v.silence + grading.Patience); v.inTable(slices.Concat(v.idle, v.asking)) > 0 && time.Now().Before(limit); {
		<-poll.C
	}
	const soon = 1500 * time.Millisecond // after the kernel has given them up, on a busy machine
	held := v.awaitHeld(len(v.staying), soon)
	f := grading.Finding{
		Sentence: "vanished",
		Mistake:  "the kernel has given connections up, and their descriptors are open still",
		Expected: fmt.Sprintf("soon after %s the server holds the %d descriptors of those that stay", story.Duration(v.silence), len(v.staying)),
		Seen: fmt.Sprintf("%s; in the kernel's table are %d of the silent ones, and %d of those that have asked",
			story.Count(held, "descriptor"), v.inTable(v.idle), v.inTable(v.asking)),
		Read: "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	if v.inTable(v.idle) > 0 {
		f.Mistake = "clients that have vanished are not given up"
	}
	v.g.Expect(held <= len(v.staying) || v.inTable(v.idle) == 0 && v.inTable(v.asking) > 0, f)
	v.g.Expect(held <= len(v.staying), grading.Finding{
		Sentence: "in-flight",
		Mistake:  "clients that vanish while an answer is on its way are not given up",
		Expected: f.Expected,
		Seen:     f.Seen,
		Read:     "lab03_keepalive/TestDataInFlightSilencesProbes",
	})
	v.keepsStaying()
}

// inTable counts the clients whose connections the kernel of the server has still.
func (s *serving) inTable(clients []*net.TCPConn) (n int) {
	s.g.T().Helper()
	table, err := kernel.AllSockets()
	require.NoError(s.g.T(), err)
	at := netip.MustParseAddrPort(s.at.Address)
	for _, client := range clients {
		with := client.LocalAddr().(*net.TCPAddr).AddrPort()
		if slices.ContainsFunc(table, func(s kernel.Socket) bool { return s.Local == at && s.Remote == with }) {
			n++
		}
	}
	return n
}

// keepsStaying: clients that are there have been silent for longer, and are served again.
func (v *vanished) keepsStaying() {
	v.g.T().Helper()
	long := v.silence + 1020*time.Millisecond // more than the second that the settings may take longer
	v.g.Step("those that stayed have been silent for %v; they ask again", long)
	for _, client := range v.staying {
		kernel.AwaitTCPInfo(v.g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
			return i.State != kernel.Established || time.Since(v.begun) > long
		})
		got, err := v.ask(client)
		v.g.Expect(err == nil, grading.Finding{
			Sentence: "kept",
			Mistake:  "a client that is there is dropped because it was silent, or was served for long",
			Expected: "it has back what it has said",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
		})
	}
}

// holdsStill: this server is to wait for much longer.
func (s *serving) holdsStill(clients int) {
	s.g.T().Helper()
	s.g.Step("the clients of the server for %v have vanished too, a few seconds ago", s.silence)
	held := s.held()
	s.g.Expect(held == clients, grading.Finding{
		Sentence: "not-early",
		Mistake:  "clients are given up long before the silence is as long as it was to be",
		Expected: fmt.Sprintf("the server holds %d descriptors still", clients),
		Seen:     fmt.Sprint(held),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
}
