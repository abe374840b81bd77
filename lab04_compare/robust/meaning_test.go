package robust_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/lab04_compare/robust"
)

// Real errors, each made as the labs make it.
func TestMeaningOfRealErrors(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		name  string
		needs []harness.Need
		call  func(*testing.T, *harness.Experiment) error
		want  robust.Meaning
	}{
		{"answered", nil, answered, robust.Fine},
		{"no answer before the deadline", nil, deadline, robust.Slow},
		{"no connection before the time-out", []harness.Need{peer.UnansweredConnects}, dialTimeout, robust.Slow},
		{"keepalive found nobody", []harness.Need{link.VanishingPeers}, keepalive, robust.Dead},
		{"reset by the peer", nil, reset, robust.Reset},
		{"closed by the peer", nil, closed, robust.Closed},
		{"nobody listens", nil, refused, robust.Refused},
		{"context cancelled", []harness.Need{peer.UnansweredConnects}, cancelled, robust.Cancelled},
		{"closed by us", nil, closedByUs, robust.Cancelled},
		{"port taken", nil, portTaken, robust.Unknown},
	} {
		t.Run(of.name, func(t *testing.T) {
			x := harness.Start(t, of.needs...)
			err := of.call(t, x)
			got := robust.MeaningOf(err)
			x.Outcome(harness.Client, "%v: %s", err, got)
			assert.Equal(t, of.want, got, "the meaning of %v", err)
		})
	}
}

const patience = 100 * time.Millisecond

func read(conn net.Conn) error {
	_, err := conn.Read(make([]byte, 1))
	return err
}

func answered(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	return read(client)
}

func deadline(t *testing.T, x *harness.Experiment) error {
	client, _ := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	return read(client)
}

func dialTimeout(_ *testing.T, x *harness.Experiment) error {
	_, err := net.DialTimeout("tcp", peer.FullBacklog(x), patience)
	return err
}

func keepalive(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	probing := net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}
	require.NoError(t, client.SetKeepAliveConfig(probing))
	link.Vanish(x, server)
	return read(client)
}

func reset(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	return read(client)
}

func closed(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, server.Close())
	return read(client)
}

func refused(_ *testing.T, x *harness.Experiment) error {
	_, err := net.Dial("tcp", peer.Absent(x))
	return err
}

func cancelled(t *testing.T, x *harness.Experiment) error {
	full := peer.FullBacklog(x)
	ctx, cancel := context.WithCancel(t.Context())
	dial := x.Begin(harness.Client, "DialContext", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})
	cancel()
	return dial.Wait()
}

func closedByUs(t *testing.T, x *harness.Experiment) error {
	client, _ := peer.PairNoKeepalive(x)
	reading := x.Begin(harness.Client, "Read", func() error { return read(client) })
	require.NoError(t, client.Close())
	return reading.Wait()
}

func portTaken(_ *testing.T, x *harness.Experiment) error {
	_, err := net.Listen("tcp", peer.ListenNoKeepalive(x).Addr().String())
	return err
}
