package lab02_reuseaddr

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// clientCalls are clients that keep sending requests to a server. One request is a call: the client connects, sends a
// line, reads a line, and closes. A moment later, it calls again.
type clientCalls struct {
	x       *harness.Experiment
	address string
	stop    context.CancelFunc
	clients sync.WaitGroup

	mu    sync.Mutex
	tally calls
	news  *sync.Cond // signals that tally has changed
}

// betweenCalls is how long a client pauses between two calls. Without the pause, a few clients would keep this machine
// so busy that other experiments would be late, and the capture would lose segments.
const betweenCalls = 4 * time.Millisecond

// calls are the results of the calls.
type calls struct {
	Answered   int
	AnsweredBy map[string]int // how many calls each process has answered, by process ID
	Refused    int            // nobody listened
	Lost       []error        // any other error, such as a connection without an answer
}

// startClients starts n clients.
func startClients(x *harness.Experiment, n int, address string) *clientCalls {
	ctx, cancel := context.WithCancel(x.T().Context())
	c := &clientCalls{x: x, address: address, stop: cancel, tally: calls{AnsweredBy: map[string]int{}}}
	c.news = sync.NewCond(&c.mu)
	x.AtEnd(func() {
		cancel()
		c.news.Broadcast()
	})
	for range n {
		c.clients.Add(1)
		x.Go(func() {
			defer c.clients.Done()
			for {
				c.count(c.call())
				if !harness.Passed(ctx, betweenCalls) {
					return
				}
			}
		})
	}
	return c
}

// call makes one whole call. A client that is stopped finishes its call first.
func (c *clientCalls) call() (line string, err error) {
	dialer := net.Dialer{Timeout: harness.HangGuard}
	opened, err := dialer.Dial("tcp", c.address)
	if err != nil {
		return "", err
	}
	conn := opened.(*net.TCPConn)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(harness.HangGuard))
	// End with a reset: thousands of calls would leave thousands of sockets in TIME_WAIT.
	defer conn.SetLinger(0)
	if _, err := conn.Write([]byte("?\n")); err != nil {
		return "", err
	}
	line, err = bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line), err
}

func (c *clientCalls) count(line string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.news.Broadcast()
	switch {
	case err == nil:
		c.tally.Answered++
		c.tally.AnsweredBy[line]++
	case errors.Is(err, syscall.ECONNREFUSED):
		c.tally.Refused++
	default:
		c.tally.Lost = append(c.tally.Lost, err)
	}
}

// AwaitAnswers waits until the clients have had n more answers.
func (c *clientCalls) AwaitAnswers(n int) { c.await(n, func() int { return c.tally.Answered }) }

// AwaitRefusals waits until n more calls were refused.
func (c *clientCalls) AwaitRefusals(n int) { c.await(n, func() int { return c.tally.Refused }) }

func (c *clientCalls) await(more int, count func() int) {
	c.x.T().Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for enough := count() + more; count() < enough; {
		if c.x.IsOver() { // the guard against a hang has ended the experiment
			require.FailNow(c.x.T(), "the clients never got the answers, or the refusals, that the test waits for", "their calls so far: %+v", c.tally)
		}
		c.news.Wait()
	}
}

// Stop makes the clients finish their last calls, and returns the results of all calls.
func (c *clientCalls) Stop() calls {
	c.stop()
	c.clients.Wait()
	c.x.Outcome(harness.Client, "%d calls answered, %d refused, %d lost", c.tally.Answered, c.tally.Refused, len(c.tally.Lost))
	return c.tally
}
