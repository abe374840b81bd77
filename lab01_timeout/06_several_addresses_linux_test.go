package lab01_timeout

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// aName is the name that these experiments resolve.
const aName = "server.test."

// TestFirstAddressMayTakeWholeDialTimeout: the addresses of a name share the timeout of a dial, but Go gives each address
// at least two seconds. If the timeout is shorter than that, a silent first address uses it up, and Go never tries the second.
//
// Claim: T2.
// Verdict: holds, but in Go the timeout of a dial to a name bounds several connects together: the second connect has only
// the time that the first one leaves.
//
// Source: dialSerial() in Go's net/dial.go: the error may name the second address, although Go has not tried it.
//
// Predict: a name has two addresses, the first is silent, the second answers; what does a dial with a timeout of 1 s do?
//   - [ ] it connects after half a second, to the second
//   - [ ] it connects at once, to the second
//   - [x] it fails after a second: the second is never tried
func TestFirstAddressMayTakeWholeDialTimeout(t *testing.T) {
	t.Parallel()
	const share = 2 * time.Second // each address gets at least this: saneMinimum in net.partialDeadline
	const silent, live = "127.0.0.1", "127.0.0.2"
	for _, patience := range []struct {
		name     string
		timeout  time.Duration
		tried    []string
		took     time.Duration
		timesOut bool
	}{
		{"a timeout shorter than a share", 1 * time.Second, []string{silent}, 1 * time.Second, true},
		{"a timeout of two shares", 2 * share, []string{silent, live}, share, false},
	} {
		t.Run(patience.name, func(t *testing.T) {
			x := harness.Start(t, peer.UnansweredConnects)
			tried, took, err := dialName(t, x, net.Dialer{Timeout: patience.timeout}, silent, live)

			assert.Equal(t, patience.timesOut, isOurTimeout(err), "whether Dial should time out; got: %v", err)
			assert.Empty(t, cmp.Diff(patience.tried, tried), "the addresses that Dial tried (-want +got)")
			x.AssertAtLeast(took, patience.took)
		})
	}
}

// TestOtherFamilyIsDialedAfterDelay: if a name has an IPv6 address and an IPv4 address, and the first one is silent, Go
// also dials the second one after Dialer.FallbackDelay, which is 300 ms by default. If the timeout is shorter than this
// delay, the dial ends before Go tries the second address.
//
// Claim: T2.
// Verdict: holds, but a timeout below Dialer.FallbackDelay (300 ms by default) gives the addresses of the other family no
// chance.
//
// Predict: ::1 is silent and 127.0.0.1 answers; what does a dial to both with a timeout of 250 ms do?
//   - [ ] it connects at once, to 127.0.0.1
//   - [ ] it connects after 125 ms, to 127.0.0.1
//   - [x] it fails after 250 ms
func TestOtherFamilyIsDialedAfterDelay(t *testing.T) {
	t.Parallel()
	const silent, live = "::1", "127.0.0.1"
	const byDefault, short = 300 * time.Millisecond, 50 * time.Millisecond // RFC 6555 advises 150 to 250 ms, RFC 8305 250 ms
	for _, setting := range []struct {
		name     string
		dialer   net.Dialer
		tried    []string
		took     time.Duration
		timesOut bool
	}{
		{"the default delay", net.Dialer{}, []string{silent, live}, byDefault, false},
		{"a shorter delay", net.Dialer{FallbackDelay: short}, []string{silent, live}, short, false},
		{"a timeout below the delay", net.Dialer{Timeout: byDefault - short}, []string{silent}, byDefault - short, true},
		{"fallback turned off", net.Dialer{FallbackDelay: -time.Second, Timeout: byDefault + short}, []string{silent}, byDefault + short, true},
	} {
		t.Run(setting.name, func(t *testing.T) {
			x := harness.Start(t, peer.UnansweredConnects, harness.BothFamilies)
			tried, took, err := dialName(t, x, setting.dialer, silent, live)

			assert.Equal(t, setting.timesOut, isOurTimeout(err), "whether Dial should time out; got: %v", err)
			assert.Empty(t, cmp.Diff(setting.tried, tried), "the addresses that Dial tried (-want +got)")
			x.AssertAtLeast(took, setting.took)
		})
	}
}

// dialName dials a name that has two addresses, the first one silent. It returns the addresses that the dialer has tried,
// how long the dial took, and its error.
func dialName(t *testing.T, x *harness.Experiment, dialer net.Dialer, silent, live string) (tried []string, took time.Duration, err error) {
	port := silentAndLive(t, x, silent, live)
	dialer.Resolver = peer.Names(x, silent, live)
	start := time.Now()
	for inTime := false; !inTime && time.Since(start) < harness.HangGuard/2; {
		x.Step("a name has the addresses %s, which is silent, and %s; a client dials it: timeout %v, FallbackDelay %v",
			silent, live, dialer.Timeout, dialer.FallbackDelay)
		var attempts attempts
		dialer.Control = attempts.note
		var conn net.Conn
		begun := time.Now()
		conn, err = dialer.Dial("tcp", net.JoinHostPort(aName, port))
		took = time.Since(begun)
		if err == nil {
			x.Own(conn)
		}
		var lookup time.Duration
		tried, lookup = attempts.made(begun)
		x.Outcome(harness.Client, "Dial: %v; tried: %q", err, tried)
		// On a busy machine, the lookup may take long, and FallbackDelay may pass before Go dials the first address.
		inTime = len(tried) > 0 && tried[0] == silent && (dialer.Timeout == 0 || lookup < dialer.Timeout/4)
	}
	return tried, took, err
}

// silentAndLive listens on the same port of two addresses. Nobody can connect to the first: its listener's backlog is full.
func silentAndLive(t *testing.T, x *harness.Experiment, silent, live string) (port string) {
	plain := net.ListenConfig{}
	plain.SetMultipathTCP(false)
	for {
		port = strconv.Itoa(int(peer.ReservedPort()))
		first, err := plain.Listen(t.Context(), "tcp", net.JoinHostPort(silent, port))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		require.NoError(t, err)
		x.Own(first)
		second, err := plain.Listen(t.Context(), "tcp", net.JoinHostPort(live, port))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		require.NoError(t, err)
		x.Own(second)
		peer.FillBacklog(x, first.(*net.TCPListener))
		return port
	}
}

// attempts are the addresses that a dialer has tried, in order.
type attempts struct {
	mu    sync.Mutex
	list  []string
	first time.Time
}

// note is a net.Dialer's Control: the dialer calls it before each connect.
func (a *attempts) note(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == 0 {
		a.first = time.Now()
	}
	a.list = append(a.list, host)
	return err
}

// made returns the addresses that were tried, and how long the lookup of the name took.
func (a *attempts) made(begun time.Time) (list []string, lookup time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.list, a.first.Sub(begun)
}
