package robust_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
	"socketlabs/lab04_compare/robust"
)

// limits are short, so that the tests are.
var limits = robust.Limits{
	Request: 500 * time.Millisecond, Answer: 500 * time.Millisecond,
	Idle: time.Second, Interval: time.Second, Count: 2,
	Line: 1 << 10, Buffer: 4 << 10, Clients: 10,
}

// serve runs the server until stop is called or the experiment ends.
func serve(t *testing.T, x *harness.Experiment, limits robust.Limits) (address string, serving *harness.Call, stop func()) {
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	listener := peer.ListenNoKeepalive(x)
	serving = x.Begin(harness.Server, "Serve", func() error { return robust.Serve(ctx, listener, limits) })
	return listener.Addr().String(), serving, stop
}

func ask(t *testing.T, client net.Conn) {
	t.Helper()
	const question = "is anybody there?\n"
	_, err := io.WriteString(client, question)
	require.NoError(t, err)
	line, err := bufio.NewReader(client).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, question, line)
}

// end waits until the server has ended the connection, and says how: nil is an orderly end.
func end(client net.Conn) error {
	_, err := io.Copy(io.Discard, client)
	return err
}

func TestRequestThatBeganMustEnd(t *testing.T) {
	x := harness.Start(t)
	address, _, _ := serve(t, x, limits)
	idle, dripping := peer.DialNoKeepalive(x, address), peer.DialNoKeepalive(x, address)
	ask(t, idle)

	begun := x.Step("a client sends a byte every 100ms, and so moves no deadline")
	peer.Drip(x, dripping, strings.Repeat(".", limits.Line), 100*time.Millisecond)
	if err := end(dripping); err != nil { // else a byte that was on its way was told of the reset
		assert.Equal(t, robust.Reset, robust.MeaningOf(err))
	}
	x.AssertNeverEarlier(begun, limits.Request)

	x.Step("another was idle all that time")
	ask(t, idle)
}

func TestRequestMayNotBeTooLong(t *testing.T) {
	x := harness.Start(t)
	address, _, _ := serve(t, x, limits)
	client := peer.DialNoKeepalive(x, address)
	x.Step("a client sends %d bytes and no end of line", limits.Line)
	_, err := io.WriteString(client, strings.Repeat(".", limits.Line))
	require.NoError(t, err)
	assert.Equal(t, robust.Reset, robust.MeaningOf(end(client)))
}

func TestClientThatDoesNotReadIsDropped(t *testing.T) {
	x := harness.Start(t)
	address, _, _ := serve(t, x, limits)
	client := peer.DialNoKeepalive(x, address)
	question := strings.Repeat("?", limits.Line-1) + "\n"

	begun := x.Step("a client asks and asks, and reads no answer")
	asking := x.Begin(harness.Client, "ask", func() error {
		for {
			if _, err := io.WriteString(client, question); err != nil {
				return err
			}
		}
	})
	assert.Equal(t, robust.Reset, robust.MeaningOf(asking.Wait()))
	x.AssertNeverEarlier(begun, limits.Answer)
}

func TestMoreClientsThanAllowedWait(t *testing.T) {
	x := harness.Start(t)
	only := limits
	only.Clients = 1
	address, _, _ := serve(t, x, only)
	first, second := peer.DialNoKeepalive(x, address), peer.DialNoKeepalive(x, address)
	ask(t, first)

	x.Step("a second client asks while the first is served")
	waiting := x.Begin(harness.Client, "ask", func() error {
		io.WriteString(second, "and I?\n")
		_, err := io.ReadFull(second, make([]byte, len("and I?\n")))
		return err
	})
	ask(t, first)
	waiting.AssertStillWaiting()
	x.Step("the first leaves")
	require.NoError(t, first.Close())
	assert.NoError(t, waiting.Wait())
}

func TestStopLetsBegunRequestsEnd(t *testing.T) {
	x := harness.Start(t)
	patient := limits
	patient.Request = time.Minute
	address, serving, stop := serve(t, x, patient)
	idle, active := peer.DialNoKeepalive(x, address), peer.DialNoKeepalive(x, address)
	ask(t, idle)

	x.Step("one client is in the middle of its second request when the server is asked to stop")
	_, err := io.WriteString(active, "a first question\nis any")
	require.NoError(t, err)
	answers := bufio.NewReader(active)
	_, err = answers.ReadString('\n')
	require.NoError(t, err)
	stop()
	assert.NoError(t, end(idle), "the idle client is let go")
	serving.AssertStillWaiting()

	x.Step("it completes the request")
	_, err = io.WriteString(active, "body there?\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(answers)
	assert.NoError(t, err)
	assert.Equal(t, "is anybody there?\n", string(answer))
	assert.NoError(t, serving.Wait())
}
