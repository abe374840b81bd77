package lab04_compare

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/process"
	"socketlabs/lab04_compare/robust"
)

// serving has short limits, so that the server frees the resources of failed clients during the test.
var serving = robust.Limits{
	Request: time.Second, Answer: time.Second,
	Idle: time.Second, Interval: time.Second, Count: 2,
	Line: 1 << 10, Buffer: 64 << 10, Clients: 1000,
}

// TestRobustServerOutlivesItsClients: a server with timeouts on active calls, and with keepalive and TCP_USER_TIMEOUT
// for the rest, frees the resources of clients that have failed, and drops no healthy client.
//
// Claim: C3.
// Verdict: holds if TCP_USER_TIMEOUT is set, too, for answers that nobody acknowledges. Only a heartbeat
// finds a client that hangs while idle: see TestDecisionTable.
//
// Source: TestDecisionTable shows that, without a heartbeat, a client that hangs while idle looks healthy.
func TestRobustServerOutlivesItsClients(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, process.Processes)
	const each = 2
	const late = 10 * time.Second // what a busy machine may add
	server := startServer(t, x)
	before := server.usage()
	s := siege{t: t, x: x, address: server.Address, each: each}
	asking, enough := context.WithCancel(t.Context())

	x.Step("clients come and are answered; %d fail in each of seven ways, %d don't", each, s.healthy())
	s.begin(asking, 0)
	x.Step("the server frees what the failed ones used, within %v", serving.GivesBackWithin())
	begun := time.Now()
	server.awaitClients(s.healthy(), before)
	assert.Less(t, time.Since(begun), serving.GivesBackWithin()+late)

	x.Step("the server has seen all of them fail; the others are still served, and leave")
	s.assertSurvived(server)
	enough()
	s.leave()
	server.awaitClients(0, before)
	server.Terminate()
	assert.NoError(t, server.Wait())
}

// failed returns what the server should have logged about the connections that failed after the handshake: how many
// connections, by the meaning of their error.
func (s *siege) failed() map[string]int {
	failed := map[string]int{string(robust.Slow): int(s.tooSlow.Load())}
	for _, meaning := range []robust.Meaning{
		robust.Slow,  // a client that hangs in a request
		robust.Ended, // a client that was killed
		robust.Lost,  // a client that vanished while idle
		robust.Lost,  // a client that vanished with an answer on its way
		robust.Reset, // a client whose host has forgotten the connection
		robust.Slow,  // a client that does not read
	} {
		failed[string(meaning)] += s.each
	}
	return failed
}

// assertSurvived checks how many clients have failed, and in which way. It also checks that the server still answers the
// others: the clients that were idle in the meantime, and the clients that ask all the time.
func (s *siege) assertSurvived(server *serverProcess) {
	s.t.Helper()
	const hang = 20 * time.Second                          // a guard against a hang
	assert.EventuallyWithT(s.t, func(c *assert.CollectT) { // a slow client may notice late that the server has closed its connection
		assert.Equal(c, s.failed(), server.usage().Gone, "how many connections have failed, by the meaning that the server has logged")
	}, hang, 20*time.Millisecond)
	table, err := kernel.AllSockets()
	require.NoError(s.t, err)
	half := 0
	for _, socket := range table {
		if socket.Local.String() == s.address && socket.State == kernel.SynReceived {
			half++
		}
	}
	assert.Equal(s.t, s.each, half, "each client that vanished during the handshake should leave a socket in SYN_RECEIVED")

	for _, conn := range s.idle {
		assert.NoError(s.t, exchange(conn))
	}
	for _, client := range s.asking {
		before := client.answers.Load()
		require.Eventually(s.t, func() bool { return client.answers.Load() > before }, hang, time.Millisecond,
			"a client that asks all the time should still be answered")
	}
}

// BenchmarkRobustServer does the same as TestRobustServerOutlivesItsClients, with 500 clients in 20 seconds. It reports what
// the server uses before the first client comes, when only the healthy clients remain, and after the last has gone.
func BenchmarkRobustServer(b *testing.B) {
	const each, over = 50, 20 * time.Second
	for b.Loop() {
		x := harness.Start(b, link.VanishingPeers, process.Processes)
		server := startServer(b, x)
		before := server.usage()
		s := siege{t: b, x: x, address: server.Address, each: each}
		asking, enough := context.WithCancel(b.Context())

		s.begin(asking, over)
		begun := time.Now()
		server.awaitClients(s.healthy(), before)
		b.ReportMetric(time.Since(begun).Seconds(), "s-to-give-back")
		during := server.usage()
		s.assertSurvived(server)
		enough()
		s.leave()
		server.awaitClients(0, before)
		after := server.usage()
		server.Terminate()
		require.NoError(b, server.Wait())

		b.ReportMetric(float64(s.requests.Load()), "requests-answered")
		for _, moment := range []struct {
			name string
			usage
		}{{"before", before}, {"healthy", during}, {"after", after}} {
			b.ReportMetric(float64(moment.Descriptors), "descriptors-"+moment.name)
			b.ReportMetric(float64(moment.Goroutines), "goroutines-"+moment.name)
			b.ReportMetric(float64(moment.Memory>>10), "KiB-"+moment.name)
		}
		b.ReportMetric(0, "ns/op")
	}
}
