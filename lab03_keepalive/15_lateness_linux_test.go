package lab03_keepalive

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// BenchmarkKeepaliveLateness: how late a connection times out, compared with idle + count × interval, measured over 200
// connections. The kernel's timers expire in steps of up to an eighth of the timeout: kernel/time/timer.c. So the connections
// begin one after the other, spread over more than one such step.
func BenchmarkKeepaliveLateness(b *testing.B) {
	const (
		connections = 200
		apart       = 2 * time.Millisecond
	)
	all := []net.KeepAliveConfig{
		quickest,
		{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 3},
		{Enable: true, Idle: 3 * time.Second, Interval: 1 * time.Second, Count: 1},
	}
	if testing.Short() {
		all = all[:1]
	}
	for _, settings := range all {
		b.Run(fmt.Sprintf("%v+%d×%v", settings.Idle, settings.Count, settings.Interval), func(b *testing.B) {
			x := harness.Start(b, link.VanishingPeers, harness.ManyDescriptors)
			pace := time.NewTicker(apart)
			defer pace.Stop()
			var late []time.Duration
			for b.Loop() {
				var deaths sync.WaitGroup
				lateness := make([]time.Duration, connections)
				for i := range connections {
					<-pace.C
					begun := time.Now()
					client, server := peer.PairNoKeepalive(x)
					require.NoError(b, client.SetKeepAliveConfig(settings))
					require.Equal(b, settings, kernel.Keepalive(x, client))
					link.Vanish(x, server)
					deaths.Go(func() {
						_, err := client.Read(make([]byte, 1))
						lateness[i] = time.Since(begun) - deathAfter(settings)
						assert.ErrorIs(b, err, unix.ETIMEDOUT)
					})
				}
				deaths.Wait()
				late = append(late, lateness...)
			}
			harness.ReportLateness(b, late)
		})
	}
}
