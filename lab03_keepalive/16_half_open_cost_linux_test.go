package lab03_keepalive

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

var halfOpen = flag.Int("halfopen", 300, "BenchmarkHalfOpen: how many clients vanish")

// halfOpenIdle is the idle time for a server with the given number of clients: the first client must not time out before
// the last has connected, even if only two thousand connect in a second.
func halfOpenIdle(clients int) time.Duration {
	return 2*time.Second + time.Duration(clients/2000)*time.Second
}

// BenchmarkHalfOpen: what vanished clients cost a server, and how late the server frees everything. Go
// raises the soft limit on descriptors to the hard limit on its own. If that is not enough for all clients,
// several servers share the clients. Each server is a process.
//
// The kernel's memory is what the clients add to Slab in /proc/meminfo. Slab includes sockets, files and inodes,
// but also what the rest of the machine uses. /proc/slabinfo would tell these apart, but only root can read
// it. mem in /proc/net/sockstat counts only buffers, and an idle connection has none.
func BenchmarkHalfOpen(b *testing.B) {
	x := harness.Start(b, link.VanishingPeers, process.Processes)
	if harness.Domain() == unix.AF_INET6 {
		b.Skip("needs an address for each client, and IPv6's loopback has only ::1; leave LABS_IP=6 out")
	}
	require.Positive(b, *halfOpen, "-halfopen should be positive")
	for b.Loop() {
		measureHalfOpen(b, x, *halfOpen)
	}
	b.ReportMetric(0, "ns/op")
}

func measureHalfOpen(b *testing.B, x *harness.Experiment, clients int) {
	servers := startHalfOpenServers(b, x, clients)
	kernelBefore := kernelMemory(b)
	begun := time.Now()
	for _, server := range servers {
		require.NoError(b, server.requests.Encode("connect"))
	}
	var descriptors, goroutines, memory int
	for _, server := range servers {
		held := server.report(b)
		descriptors += held.Descriptors
		goroutines += held.Goroutines
		memory += held.Memory
	}
	kernel := kernelMemory(b) - kernelBefore
	require.Less(b, time.Since(begun), halfOpenIdle(clients),
		"the last of %d clients should connect before the first times out: the machine is too slow", clients)
	var late time.Duration
	for _, server := range servers {
		late = max(late, server.report(b).Late)
		require.NoError(b, server.process.Wait())
	}
	b.ReportMetric(float64(clients), "clients")
	b.ReportMetric(float64(len(servers)), "processes")
	b.ReportMetric(float64(descriptors)/float64(clients), "descriptors/client")
	b.ReportMetric(float64(goroutines)/float64(clients), "goroutines/client")
	b.ReportMetric(float64(memory)/float64(clients), "process-B/client")
	b.ReportMetric(float64(kernel)/float64(clients), "kernel-B/client")
	b.ReportMetric(late.Seconds(), "s-late-last-descriptor") // seconds after the nominal timeout, for the last descriptor
}

// halfOpenServer is the benchmark's side of a process.
type halfOpenServer struct {
	process  *process.Process
	requests *json.Encoder
	reports  *json.Decoder
}

// report waits for the next report of the process.
func (s *halfOpenServer) report(b *testing.B) (report halfOpenReport) {
	b.Helper()
	if err := s.reports.Decode(&report); err != nil {
		require.NoError(b, s.process.Wait(), "this error stopped the server's process; try fewer clients: -halfopen N")
		require.NoError(b, err)
	}
	return report
}

// startHalfOpenServers starts enough servers for all clients: each server takes as many clients
// as it has descriptors for.
func startHalfOpenServers(b *testing.B, x *harness.Experiment, clients int) (servers []*halfOpenServer) {
	b.Helper()
	const reserve = 50 // descriptors: standard streams, listeners, the poller, a client that connects
	var limit unix.Rlimit
	require.NoError(b, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	require.Greater(b, limit.Cur, uint64(reserve), "the limit on descriptors should leave some for clients")
	first := 0
	for share := range slices.Chunk(make([]struct{}, clients), int(limit.Cur)-reserve) {
		process, err := process.Start(x, halfOpenProgram, strconv.Itoa(first), strconv.Itoa(len(share)),
			halfOpenIdle(clients).String())
		require.NoError(b, err)
		control := peer.DialNoKeepalive(x, process.Address)
		servers = append(servers, &halfOpenServer{process, json.NewEncoder(control), json.NewDecoder(control)})
		first += len(share)
	}
	return servers
}

// kernelMemory is the size of the kernel's slabs: proc_meminfo(5).
func kernelMemory(b *testing.B) (bytes int) {
	b.Helper()
	file, err := os.Open("/proc/meminfo")
	require.NoError(b, err)
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if kilobytes, found := strings.CutPrefix(lines.Text(), "Slab:"); found {
			_, err := fmt.Sscan(kilobytes, &bytes)
			require.NoError(b, err)
			return bytes << 10
		}
	}
	b.Fatal("/proc/meminfo should have a line for Slab")
	return 0
}
