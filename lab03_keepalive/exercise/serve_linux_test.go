package exercise_test

import (
	"fmt"
	"io"
	"maps"
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

// TestServe: the server serves many clients at the same time, keeps those that are reachable, and drops those
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
	g.Prepare("stopping the garbage collector", func() { keepGarbage.On(g, struct{}{}) })
	const silence = 2 * time.Second
	short, patient := startAtWork(g, silence, none), startServing(g, 10*time.Minute, none)
	v := short.vanish()
	stalled, _, _ := patient.stalled()
	patients := append(patient.clients(3), stalled)
	g.Step("the hosts of the clients of the server with a silence of %v vanish, too; one of them sends a request", patient.silence)
	for _, client := range patients {
		link.Vanish(g.Experiment, client)
	}
	require.NoError(t, patients[0].SetDeadline(time.Time{}))
	_, err := io.WriteString(patients[0], grading.Text(10)) // arrives; the answer does not
	require.NoError(t, err)

	s := startServing(g, time.Hour, none)
	s.echoes()
	s.servesMany()
	s.servesBesideLeaving()
	inTime := v.comesBack()
	s.dropsLeavingClients()
	long := startServing(g, time.Hour, none)
	brimful := []*brimful{long.fillUp(0), long.fillUp(100 << 10)}
	for _, b := range brimful {
		b.sendsFIN()
	}
	long.acceptFails(true)
	ends := startServing(g, 10*time.Minute, none).stopAtWork()
	s.outOfDescriptors()
	inTime = v.readsLate() && inTime
	s.beyondDeadline()
	s.dropsWhileAcceptFails()
	s.closesWithoutDescriptors()
	failing := acceptFails(g) // after all that measures the CPU time of the whole process
	stopAtTwoAddresses(g)
	optionsFail(g)
	settingsFitSilence(g)

	v.judge()
	again := long.acceptsAgain()
	ends.judge()
	last(g, failing)
	patient.keepsAll(len(patients))
	for _, b := range brimful {
		b.readsAll()
	}
	again.judge()
	for _, client := range patients {
		link.Return(g.Experiment, client)
	}
	short.outliveGarbage(v.staying)
	short.stop(v.staying)
	patient.stop(patients)
	for longer := 4 * silence; !inTime && longer < time.Minute; longer *= 3 {
		inTime = outlivesPause(g, longer)
	}
	g.Prepare("running the garbage collector", func() { collectGarbage.On(g, struct{}{}) })
}

// vanish makes the hosts of some clients vanish.
func (s *serving) vanish() *vanished {
	s.g.T().Helper()
	before := s.g.Goroutines()
	v := &vanished{serving: s, idle: append(s.clients(2), s.silent), asking: append(s.clients(2), s.early)}
	unread := s.manyStalled(1) // the server waits in Write
	v.servers = s.g.Goroutines()
	maps.DeleteFunc(v.servers, func(name, _ string) bool { return before[name] != "" })
	v.staying = s.clients(2)
	v.away = s.clients(1)[0]
	v.staying = append(v.staying, s.silentClients()...)
	v.begun = time.Now()
	s.g.Step("hosts vanish: of %d idle clients, of %d that send a request now, of one that has sent a lot and does not read, and of one "+
		"that will be back; %d clients stay", len(v.idle), len(v.asking), len(v.staying))
	for _, client := range slices.Concat(v.idle, v.asking, unread, []*net.TCPConn{v.away}) {
		link.Vanish(s.g.Experiment, client)
	}
	for _, client := range v.asking {
		require.NoError(s.g.T(), client.SetDeadline(time.Time{}))
		_, err := io.WriteString(client, grading.Text(10)) // arrives; the answer does not
		require.NoError(s.g.T(), err)
	}
	v.asking = append(v.asking, unread...)
	v.watchDrops()
	v.reading, v.sent, v.sentAll = s.stalled()
	return v
}

// judge waits until the server has dropped the clients that have vanished.
func (v *vanished) judge() {
	v.g.T().Helper()
	v.g.Step("clients that have vanished are to be dropped after %v", v.silence)
	held := v.awaitDrops()
	f := grading.Finding{
		Sentence: "vanished",
		Mistake:  "connections have timed out, and their descriptors are still open",
		Expected: fmt.Sprintf("soon after %s, the server holds only the descriptors of the %d clients that stay",
			story.Duration(v.silence), len(v.staying)),
		Seen: fmt.Sprintf("%s; the kernel still has the connections of %d idle clients, and of %d with data in flight",
			story.Count(held, "descriptor"), v.inTable(v.idle), v.inTable(v.asking)),
		Read: "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	if v.inTable(v.idle) > 0 {
		f.Mistake = "the connections of vanished clients do not time out"
	}
	v.g.Expect(held <= len(v.staying) || v.inTable(v.idle) == 0 && v.inTable(v.asking) > 0, f)
	v.g.Expect(held <= len(v.staying), grading.Finding{
		Sentence: "in-flight",
		Mistake:  "connections of vanished clients with data in flight do not time out",
		Expected: f.Expected,
		Seen:     f.Seen,
		Read:     "lab03_keepalive/TestDataInFlightSilencesProbes",
	})
	v.areDroppedAtOnce()
	v.keepsStaying()
}

// inTable counts the clients whose connections the server's kernel still has.
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

// keepsStaying expects that reachable clients are still served when they have sent nothing for longer than silence.
func (v *vanished) keepsStaying() {
	v.g.T().Helper()
	long := v.silence + 1020*time.Millisecond // the settings may take a second longer than silence
	v.g.Step("the clients that stayed have sent nothing for %v; now they send a request", long)
	for _, client := range v.staying {
		kernel.AwaitTCPInfo(v.g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
			return i.State != kernel.Established || time.Since(v.begun) > long
		})
		got, err := v.ask(client)
		f := grading.Finding{
			Sentence: "kept",
			Mistake:  "a reachable client is dropped because it was silent, or was served for long",
			Expected: "it gets back what it has sent",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
		}
		if got != "" {
			f.Sentence, f.Mistake = "echo", "a client that was silent gets what it has not sent"
		}
		v.g.Expect(err == nil, f)
	}
}

// keepsAll expects that the server has dropped none of its clients: its silence is much longer.
func (s *serving) keepsAll(clients int) {
	s.g.T().Helper()
	s.g.Step("the hosts of the clients of the server with a silence of %v have vanished only a few seconds ago", s.silence)
	held := s.held()
	s.g.Expect(held == clients, grading.Finding{
		Sentence: "not-early",
		Mistake:  "clients are dropped long before silence has passed",
		Expected: fmt.Sprintf("the server still holds %d descriptors", clients),
		Seen:     fmt.Sprint(held),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
}
