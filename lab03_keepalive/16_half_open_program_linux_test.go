package lab03_keepalive

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/process"
)

// halfOpenReport is what a server of BenchmarkHalfOpen reports: first when all its clients have vanished,
// and again when it has released what they held.
type halfOpenReport struct {
	Descriptors, Goroutines int
	Memory                  int           // bytes
	Late                    time.Duration // how long after idle + count × interval the last descriptor was closed
}

// halfOpenProgram is a server with keepalive whose clients all vanish. Args has the number of the first
// client, the number of clients, and keepalive's idle time.
var halfOpenProgram = process.NewProgram("half-open", func(self *process.Self) error {
	first, err := strconv.Atoi(self.Args[0])
	if err != nil {
		return err
	}
	clients, err := strconv.Atoi(self.Args[1])
	if err != nil {
		return err
	}
	settings := quickest
	if settings.Idle, err = time.ParseDuration(self.Args[2]); err != nil {
		return err
	}
	control, err := net.Listen("tcp", harness.Loopback())
	if err != nil {
		return err
	}
	self.Ready(control.Addr())
	benchmark, err := control.Accept()
	if err != nil {
		return err
	}
	var request string
	if err := json.NewDecoder(benchmark).Decode(&request); err != nil {
		return err
	}
	server, err := newServerOfVanished(settings)
	if err != nil {
		return err
	}
	before := resources()
	for i := range clients {
		if err := server.connectAndVanish(first + i); err != nil {
			return fmt.Errorf("client %d of %d: %w", i+1, clients, err)
		}
	}
	lastHeard := time.Now()
	reports := json.NewEncoder(benchmark)
	after := resources()
	if err := reports.Encode(halfOpenReport{
		Descriptors: after.Descriptors - before.Descriptors,
		Goroutines:  after.Goroutines - before.Goroutines,
		Memory:      after.Memory - before.Memory,
	}); err != nil {
		return err
	}
	server.connections.Wait()
	return reports.Encode(halfOpenReport{Late: time.Since(lastHeard) - deathAfter(settings)})
})

// serverOfVanished waits for data from its clients, as waitingServer does.
type serverOfVanished struct {
	listener    *net.TCPListener
	connections sync.WaitGroup
}

func newServerOfVanished(settings net.KeepAliveConfig) (*serverOfVanished, error) {
	config := net.ListenConfig{KeepAliveConfig: settings}
	config.SetMultipathTCP(false) // see package harness
	listener, err := config.Listen(context.Background(), "tcp", harness.Loopback())
	if err != nil {
		return nil, err
	}
	return &serverOfVanished{listener: listener.(*net.TCPListener)}, nil
}

// connectAndVanish connects client number i, and makes it vanish. Each client has an address of its own in 127.0.0.0/8,
// because the kernel may choose the port of a vanished client for the next client, and no two connections may have the same
// addresses and ports.
func (s *serverOfVanished) connectAndVanish(i int) error {
	own := net.IPv4(127, byte(16+i>>16), byte(i>>8), byte(i))
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: own}}
	client, err := dialer.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		return err
	}
	defer client.Close()
	conn, err := s.listener.AcceptTCP()
	if err != nil {
		return err
	}
	s.connections.Go(func() {
		conn.Read(make([]byte, 1)) // until keepalive times out
		conn.Close()
	})
	return link.VanishForGood(client.(*net.TCPConn), conn)
}

// resources returns how many descriptors and goroutines, and how much memory, this process uses.
func resources() (held halfOpenReport) {
	debug.FreeOSMemory() // so that garbage does not count
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		held.Descriptors = len(open)
	}
	held.Goroutines = runtime.NumGoroutine()
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident int
		fmt.Sscan(string(text), &size, &resident) // in pages: proc_pid_statm(5)
		held.Memory = resident * os.Getpagesize()
	}
	return held
}
