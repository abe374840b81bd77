package lab04_compare

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// siege is a crowd of clients of one server, with the same number of clients for each way to fail.
type siege struct {
	t       testing.TB
	x       *harness.Experiment
	address string
	each    int

	idle     []*net.TCPConn // healthy clients that are idle from their first answer to the end
	asking   []*asking      // healthy clients that ask all the time
	busy     sync.WaitGroup // goroutines that send requests
	requests atomic.Int64   // how many requests were answered
	tooSlow  atomic.Int64   // how many connections of healthy clients were too slow for the server, because the machine is busy
}

// asking is a client that asks all the time.
type asking struct {
	*net.TCPConn
	answers atomic.Int64
}

// begin lets every client connect, and get an answer to a request. Then the clients that should fail do so,
// spread over the given time. The others go on asking until ctx ends.
func (s *siege) begin(ctx context.Context, over time.Duration) {
	s.t.Helper()
	s.processes(inRequest, (*process.Process).Stop)
	s.processes(whileIdle, (*process.Process).Kill)
	next := time.NewTicker(max(over/time.Duration(s.each), time.Nanosecond))
	defer next.Stop()
	for range s.each {
		s.idle = append(s.idle, s.connect())
		slow, interrupted := &asking{TCPConn: s.connect()}, &asking{TCPConn: s.connect()}
		s.asking = append(s.asking, slow, interrupted)
		s.busy.Go(func() { s.askSlowly(ctx, slow) })
		s.busy.Go(func() { s.loseTouch(ctx, interrupted) })

		link.Vanish(s.x, s.connect())
		asking := s.connect()
		link.Vanish(s.x, asking)
		_, err := io.WriteString(asking, request)
		require.NoError(s.t, err)
		link.Forget(s.x, s.connect())
		stalled := s.connect()
		s.busy.Go(func() { askWithoutReading(stalled) })
		link.VanishingClient(s.x, s.address)
		<-next.C
	}
}

// healthy returns how many clients should be served to the end.
func (s *siege) healthy() int { return 3 * s.each }

const request = "is anybody there?\n"

func (s *siege) connect() *net.TCPConn {
	s.t.Helper()
	conn := peer.DialNoKeepalive(s.x, s.address)
	require.NoError(s.t, exchange(conn))
	s.requests.Add(1)
	return conn
}

func exchange(conn net.Conn) error {
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}
	return awaitAnswer(conn)
}

func awaitAnswer(conn net.Conn) error {
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != request {
		return fmt.Errorf("the answer to %q was %q", request, line)
	}
	return err
}

// leave ends the connections of the healthy clients.
func (s *siege) leave() {
	for _, conn := range s.idle {
		conn.Close()
	}
	s.busy.Wait()
}

// askSlowly asks again and again, and leaves when ctx ends. On a busy machine, a request may take longer than the server
// allows. Then the client connects again.
func (s *siege) askSlowly(ctx context.Context, client *asking) {
	defer func() { client.Close() }()
	for ctx.Err() == nil {
		begun := time.Now()
		err := askInParts(ctx, client)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			s.countAnswer(client)
		case time.Since(begun) >= serving.Request:
			s.tooSlow.Add(1)
			client.TCPConn = s.connect()
		default:
			s.t.Errorf("a slow client was not answered: %v", err)
			return
		}
	}
}

// askInParts sends a request in three parts, and waits for the answer.
func askInParts(ctx context.Context, client net.Conn) error {
	part := len(request) / 3
	for _, text := range []string{request[:part], request[part : 2*part], request[2*part:]} {
		if _, err := io.WriteString(client, text); err != nil {
			return err
		}
		if !passed(ctx, serving.Request/10) {
			return ctx.Err()
		}
	}
	return awaitAnswer(client)
}

// loseTouch sends a request while the client's host has vanished. The host returns when its kernel has retransmitted the
// request. From then on, the client asks like the others.
func (s *siege) loseTouch(ctx context.Context, client *asking) {
	link.Vanish(s.x, client)
	if _, err := io.WriteString(client, request); err != nil {
		s.t.Errorf("a client in an outage: %v", err)
		return
	}
	kernel.AwaitTCPInfo(s.x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	link.Return(s.x, client)
	if err := awaitAnswer(client); err != nil {
		s.t.Errorf("a client was not answered after an outage: %v", err)
		return
	}
	s.countAnswer(client)
	s.askSlowly(ctx, client)
}

func (s *siege) countAnswer(client *asking) {
	client.answers.Add(1)
	s.requests.Add(1)
}

// askWithoutReading sends requests and reads no answers, until the server ends the connection.
func askWithoutReading(conn net.Conn) {
	many := strings.Repeat(request, 1000)
	for {
		if _, err := io.WriteString(conn, many); err != nil {
			return
		}
	}
}

// passed waits for the pause. It returns false if ctx ends first.
func passed(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// What the clients in a process are doing when the process is stopped or killed.
const (
	inRequest = "in a request"
	whileIdle = "idle"
)

// processes starts a process with several clients, waits until each of them has got an answer, and then calls fail, which
// stops or kills the process.
func (s *siege) processes(doing string, fail func(*process.Process)) {
	s.t.Helper()
	process, err := process.Start(s.x, clients, s.address, strconv.Itoa(s.each), doing)
	require.NoError(s.t, err)
	s.requests.Add(int64(s.each))
	fail(process)
}

var clients = process.NewProgram("clients", func(self *process.Self) error {
	address, doing := self.Args[0], self.Args[2]
	n, err := strconv.Atoi(self.Args[1])
	if err != nil {
		return err
	}
	var conns []net.Conn
	for range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		conns = append(conns, conn)
		if err := exchange(conn); err != nil {
			return err
		}
		if doing == inRequest {
			if _, err := io.WriteString(conn, request[:len(request)/2]); err != nil {
				return err
			}
		}
	}
	self.Ready(conns[0].LocalAddr())
	<-self.Context().Done()
	return nil
})
