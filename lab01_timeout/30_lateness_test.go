package lab01_timeout

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// BenchmarkReadDeadlineLateness: how late a read with a deadline returns.
func BenchmarkReadDeadlineLateness(b *testing.B) {
	benchmarkLateness(b, func(b *testing.B, x *harness.Experiment, patience time.Duration) (wait func() error) {
		client, _ := peer.PairNoKeepalive(x)
		return func() error {
			require.NoError(b, client.SetReadDeadline(time.Now().Add(patience)))
			_, err := client.Read(make([]byte, 1))
			return err
		}
	})
}

// BenchmarkDialTimeoutLateness: how late a dial with a timeout returns if nobody answers.
func BenchmarkDialTimeoutLateness(b *testing.B) {
	benchmarkLateness(b, func(_ *testing.B, x *harness.Experiment, patience time.Duration) (wait func() error) {
		full := peer.FullBacklog(x)
		return func() error {
			_, err := net.DialTimeout("tcp", full, patience)
			return err
		}
	}, peer.UnansweredConnects)
}

// benchmarkLateness measures waits that should end after 1, 10 and 100 ms. Each operation of the benchmark consists of
// enough waits for a 99th percentile. The waits run one after the other. If they ran at the same time, Go's waits would
// be later, because the runtime would wait for the next timer in epoll_wait(2), which counts in milliseconds.
func benchmarkLateness(b *testing.B, prepare func(*testing.B, *harness.Experiment, time.Duration) func() error, needs ...harness.Need) {
	const waits = 100
	patiences := []time.Duration{1 * time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond}
	if testing.Short() {
		patiences = patiences[:1]
	}
	for _, patience := range patiences {
		b.Run(fmt.Sprint(patience), func(b *testing.B) {
			x := harness.Start(b, needs...)
			wait := prepare(b, x, patience)
			var late []time.Duration
			for b.Loop() {
				for range waits {
					begun := time.Now()
					err := wait()
					late = append(late, time.Since(begun)-patience)
					require.Error(b, err, "the wait should end with an error")
				}
			}
			harness.ReportLateness(b, late)
		})
	}
}
