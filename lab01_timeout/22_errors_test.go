package lab01_timeout

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// answer is what Go says about an error: the sentinels that errors.Is finds in it, and what its Timeout method
// returns, if it has one.
type answer struct {
	Is      []string
	Timeout bool
}

// TestErrorsTellSlowFromDead: errors.Is distinguishes a timeout that the program has set from every other end of a call.
// Timeout() alone does not: it is also true when the kernel has timed the connection out.
//
// Claim: T5.
// Verdict: holds if the program checks with errors.Is: Timeout() is true for a slow peer and for a dead one.
//
// Predict: Timeout() is called on two errors: the error of our own deadline, and the kernel's ETIMEDOUT; for which of them is it true?
//   - [ ] for our deadline only
//   - [ ] for the kernel's ETIMEDOUT only
//   - [ ] for neither: it is about dials
//   - [x] for both
func TestErrorsTellSlowFromDead(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		name  string
		needs []harness.Need
		call  func(*testing.T, *harness.Experiment) error
		want  []answer // one of these
	}{
		{"answered", nil, answered, []answer{{nil, false}}},
		{"refused", nil, refused, []answer{{[]string{"ECONNREFUSED"}, false}}},
		{"reset by the peer", nil, reset, []answer{{[]string{"ECONNRESET"}, false}}},
		{"closed by the peer", nil, closedByPeer, []answer{{[]string{"io.EOF"}, false}}},
		{"closed by us", nil, closedByUs, []answer{{[]string{"net.ErrClosed"}, false}}},
		{"canceled", []harness.Need{peer.UnansweredConnects}, canceled, []answer{{[]string{"context.Canceled"}, false}}},
		{"deadline", nil, deadline, []answer{{[]string{"os.ErrDeadlineExceeded"}, true}}},
		{"dial timeout", []harness.Need{peer.UnansweredConnects}, dialTimeout, []answer{ // see isOurTimeout
			{[]string{"context.DeadlineExceeded"}, true},
			{[]string{"os.ErrDeadlineExceeded"}, true},
		}},
		{"given up by the kernel", []harness.Need{link.VanishingPeers}, givenUp, []answer{{[]string{"ETIMEDOUT"}, true}}},
	} {
		t.Run(end.name, func(t *testing.T) {
			x := harness.Start(t, end.needs...)
			err := end.call(t, x)
			got := ask(err)
			x.Outcome(harness.Client, "%v: errors.Is finds %q, Timeout() is %v", err, got.Is, got.Timeout)
			if !slices.ContainsFunc(end.want, func(want answer) bool { return cmp.Equal(want, got) }) {
				t.Errorf("what Go says about %q (-want +got):\n%s", err, cmp.Diff(end.want[0], got))
			}
		})
	}
}

// ask asks errors.Is and Timeout() about an error.
func ask(err error) answer {
	var a answer
	for _, sentinel := range []struct {
		name string
		err  error
	}{
		{"os.ErrDeadlineExceeded", os.ErrDeadlineExceeded},
		{"context.DeadlineExceeded", context.DeadlineExceeded},
		{"context.Canceled", context.Canceled},
		{"net.ErrClosed", net.ErrClosed},
		{"io.EOF", io.EOF},
		{"ECONNREFUSED", connectionRefused},
		{"ECONNRESET", connectionReset},
		{"ETIMEDOUT", syscall.ETIMEDOUT},
	} {
		if errors.Is(err, sentinel.err) {
			a.Is = append(a.Is, sentinel.name)
		}
	}
	if netErr, ok := errors.AsType[net.Error](err); ok {
		a.Timeout = netErr.Timeout()
	}
	return a
}

func answered(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	x.Step("the server answers")
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1))
	return err
}

func refused(_ *testing.T, x *harness.Experiment) error {
	absent := peer.Absent(x)
	x.Step("the client dials a port on which nobody listens")
	_, err := net.Dial("tcp", absent)
	return err
}

func reset(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	x.Step("the server resets the connection")
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	_, err := client.Read(make([]byte, 1))
	return err
}

func closedByPeer(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	x.Step("the server ends the conversation")
	require.NoError(t, server.Close())
	_, err := client.Read(make([]byte, 1))
	return err
}

func closedByUs(t *testing.T, x *harness.Experiment) error {
	client, _ := peer.PairNoKeepalive(x)
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})
	x.Step("the client closes the connection under its own reader")
	require.NoError(t, client.Close())
	return read.Wait()
}

func canceled(t *testing.T, x *harness.Experiment) error {
	full := peer.FullBacklog(x)
	ctx, cancel := context.WithCancel(t.Context())
	dial := x.Begin(harness.Client, "DialContext", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})
	x.Step("the client cancels its dial")
	cancel()
	return dial.Wait()
}

func deadline(t *testing.T, x *harness.Experiment) error {
	const patience = 100 * time.Millisecond
	client, _ := peer.PairNoKeepalive(x)
	x.Step("the client waits %v for a server that sends nothing", patience)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	_, err := client.Read(make([]byte, 1))
	return err
}

func dialTimeout(_ *testing.T, x *harness.Experiment) error {
	const patience = 100 * time.Millisecond
	full := peer.FullBacklog(x)
	x.Step("the client dials a listener whose backlog is full, and waits %v", patience)
	_, err := net.DialTimeout("tcp", full, patience)
	return err
}

func givenUp(t *testing.T, x *harness.Experiment) error {
	client, server := peer.PairNoKeepalive(x)
	// Keepalive is Lab 3's subject. Here it is the quickest way to make the kernel give up.
	probing := net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}
	require.NoError(t, client.SetKeepAliveConfig(probing))
	x.Step("the server's host vanishes, and the client's kernel probes it")
	link.Vanish(x, server)
	_, err := client.Read(make([]byte, 1))
	return err
}
