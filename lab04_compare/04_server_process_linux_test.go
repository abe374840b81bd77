package lab04_compare

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
	"socketlabs/lab04_compare/robust"
)

// usage is what the server's process uses, and which clients have left.
type usage struct {
	Descriptors, Goroutines int
	Memory                  uint64         // bytes of the heap that are in use, after a garbage collection
	Gone                    map[string]int // clients that have left, by the meaning of their last error
}

// departures is a slog.Handler that counts the clients that have left, by the meaning that the server logs.
type departures struct {
	slog.Handler
	mu        sync.Mutex
	byMeaning map[string]int
}

func (d *departures) Enabled(context.Context, slog.Level) bool { return true }

func (d *departures) Handle(_ context.Context, logged slog.Record) error {
	logged.Attrs(func(a slog.Attr) bool {
		if a.Key == "meaning" {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.byMeaning[a.Value.String()]++
		}
		return true
	})
	return nil
}

func (d *departures) soFar() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.byMeaning)
}

func usageOfSelf() (usage, error) {
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return usage{}, err
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return usage{Descriptors: len(descriptors), Goroutines: runtime.NumGoroutine(), Memory: memory.HeapAlloc}, nil
}

// serverProcess is the robust server in a process of its own. The process reports its usage.
type serverProcess struct {
	*process.Process
	t       testing.TB
	x       *harness.Experiment
	control net.Conn
	answers *json.Decoder
}

// robustServer serves on the listener that it inherits. It also connects to the given address, and answers each byte
// from that address with its usage.
var robustServer = process.NewProgram("robust server", func(self *process.Self) error {
	file := os.NewFile(process.Inherited, "listener")
	inherited, err := net.FileListener(file)
	if err != nil {
		return err
	}
	file.Close() // FileListener has made a copy
	control, err := net.Dial("tcp", self.Args[0])
	if err != nil {
		return err
	}
	gone := &departures{byMeaning: make(map[string]int)}
	slog.SetDefault(slog.New(gone))
	go func() {
		answers := json.NewEncoder(control)
		for {
			if _, err := control.Read(make([]byte, 1)); err != nil {
				return
			}
			own, err := usageOfSelf()
			own.Gone = gone.soFar()
			if err != nil || answers.Encode(own) != nil {
				return
			}
		}
	}()
	self.Ready(inherited.Addr())
	return robust.Serve(self.Context(), inherited.(*net.TCPListener), serving)
})

func startServer(t testing.TB, x *harness.Experiment) *serverProcess {
	t.Helper()
	control, listener := peer.ListenNoKeepalive(x), link.ListenOneHopAway(x)
	process, err := process.Start(x, robustServer.Inheriting(listener), control.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close()) // the process has its own
	conn, err := control.Accept()
	require.NoError(t, err)
	x.Own(conn)
	return &serverProcess{Process: process, t: t, x: x, control: conn, answers: json.NewDecoder(conn)}
}

func (s *serverProcess) usage() (now usage) {
	s.t.Helper()
	_, err := s.control.Write([]byte("?"))
	require.NoError(s.t, err)
	require.NoError(s.t, s.answers.Decode(&now))
	return now
}

// awaitClients waits until the server has exactly one descriptor and one goroutine for each of n clients,
// in addition to those that it had before.
func (s *serverProcess) awaitClients(n int, before usage) {
	s.t.Helper()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for told := (usage{}); ; <-poll.C {
		now := s.usage()
		if now.Descriptors != told.Descriptors || now.Goroutines != told.Goroutines {
			s.x.Outcome(harness.Server, "uses %d descriptors and %d goroutines for its clients",
				now.Descriptors-before.Descriptors, now.Goroutines-before.Goroutines)
		}
		if now.Descriptors-before.Descriptors == n && now.Goroutines-before.Goroutines == n {
			return
		}
		told = now
	}
}
