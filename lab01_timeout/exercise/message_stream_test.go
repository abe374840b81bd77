package exercise_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
)

// stream is a connection and the MessageReader that reads from it, as the grader sees them.
type stream struct {
	g      *grading.Grader
	t      *testing.T
	far    net.Conn  // the other end; nil if the connection is scripted
	log    *logged   // the reader's end, if it is one end of a net.Pipe
	script *scripted // the reader's end, if it is scripted
	reader grading.Handle[*messages]

	returned [][]byte      // the messages that Next has returned
	sending  chan struct{} // closed when all data has been written

	appends bool // the caller appends to each message that it gets
}

func (s *stream) begin(c grading.Conn) *stream {
	s.g.Prepare("a MessageReader", func() { s.reader = newMessageReader.On(s.g, c) })
	return s
}

func overTCP(t *testing.T, g *grading.Grader) *stream {
	listener := peer.ListenNoKeepalive(g.Experiment)
	c := g.Dial(listener.Addr().String())
	far, err := listener.Accept()
	require.NoError(t, err)
	g.Own(far)
	return (&stream{g: g, t: t, far: far}).begin(c)
}

// overPipe makes a stream over a net.Pipe, which is not a network connection. The caller has set a write deadline.
func overPipe(g *grading.Grader) *stream {
	near, far := net.Pipe()
	g.Own(near)
	g.Own(far)
	log := &logged{Conn: near, writeBy: time.Now().Add(hour)}
	return (&stream{g: g, far: far, log: log}).begin(g.Script(log))
}

// overScript makes a stream over a scripted connection. The caller has set a write deadline. Removing a read deadline takes a
// millisecond. So if Next leaves this to another goroutine, the deadline is still set when Next returns.
func overScript(g *grading.Grader, results ...scriptedRead) *stream {
	s := newScripted(results...)
	s.writeBy = time.Now().Add(hour).Round(0)
	s.settingRead = func(moment time.Time) error {
		if moment.IsZero() {
			time.Sleep(time.Millisecond)
		}
		return nil
	}
	return (&stream{g: g, script: s}).begin(g.Script(s))
}

// logged is a connection that remembers its deadlines.
type logged struct {
	net.Conn

	mu              sync.Mutex
	readBy, writeBy time.Time
}

func (c *logged) deadlines() (read, write time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.readBy, c.writeBy
}

func (c *logged) SetReadDeadline(moment time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readBy = moment
	return c.Conn.SetReadDeadline(moment)
}

func (c *logged) SetWriteDeadline(moment time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writeBy = moment
	return nil
}

func (c *logged) SetDeadline(moment time.Time) error {
	return errors.Join(c.SetReadDeadline(moment), c.SetWriteDeadline(moment))
}

// framed returns a message with its length in front of it.
func framed(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
}

// send begins to write data, in pieces of at most so many bytes as most says. It returns before all data has been written.
func (s *stream) send(data []byte, most int) {
	before, sending := s.sending, make(chan struct{})
	s.sending = sending
	s.g.Experiment.Go(func() {
		defer close(sending)
		if before != nil {
			<-before // on a busy machine, the data of the last send may not have been written yet
		}
		for len(data) > 0 {
			n := min(len(data), 1+rand.N(most))
			if _, err := s.far.Write(data[:n]); err != nil {
				return
			}
			data = data[n:]
		}
	})
}

// deadlines returns the connection's deadlines. Over TCP, they are not known: it returns zero times.
func (s *stream) deadlines() (read, write time.Time) {
	switch {
	case s.script != nil:
		return s.script.deadlines()
	case s.log != nil:
		return s.log.deadlines()
	}
	return read, write
}

// sharesMemory changes each message that Next has returned, one after the other. It returns the numbers of the first two of which one
// changes when the other does. It runs in the student's process.
var sharesMemory = grading.Export("changing the messages", func(of grading.Handle[*messages]) (both []int) {
	all := of.Get().all
	var areSame []func() bool
	for _, message := range all {
		areSame = append(areSame, staysSame(message))
	}
	invert := func(message []byte) {
		for i := range message {
			message[i] ^= 0xff
		}
	}
	for i, message := range all {
		invert(message)
		for k, isSame := range areSame {
			if k != i && !isSame() {
				return []int{i + 1, k + 1}
			}
		}
		invert(message)
	}
	return nil
})

// calling is a call of Next that has begun.
type calling struct {
	*grading.Running
	*stream
	nextMessage
	patience time.Duration
	begun    time.Time // wall clock
	before   int       // how many reads the script had before the call
	writeBy  time.Time // the write deadline before the call
}

func (s *stream) call(patience time.Duration) *calling {
	c := &calling{stream: s, patience: patience, begun: time.Now().Round(0)}
	_, c.writeBy = s.deadlines()
	if s.script != nil {
		c.before = s.script.countReads()
	}
	c.Running = s.g.Go("Next", func() { c.nextMessage = next.On(s.g, nextCall{s.reader, patience, s.appends}) })
	return c
}

func (s *stream) next(sentence string, patience time.Duration) nextMessage {
	s.g.T().Helper()
	return s.call(patience).end(sentence)
}

// end waits for the call, and checks the deadlines that it leaves.
func (c *calling) end(sentence string) nextMessage {
	c.g.T().Helper()
	limit := c.patience
	if c.patience >= hour {
		limit = 0
	}
	if c.script != nil {
		c.script.awaitProgress(c.Running)
	}
	c.Wait(limit, grading.Finding{
		Sentence: sentence,
		Mistake:  "Next goes on waiting, although it could return",
		Expected: "it returns when a message is whole, is too long, or can't come any more",
	})
	read, write := c.deadlines()
	c.g.Expect(read.IsZero() && write.Equal(c.writeBy), grading.Finding{
		Sentence: "no-deadline",
		Mistake:  "Next leaves a deadline behind, or moves one that is not its own",
		Expected: "no read deadline, and the write deadline as it was",
		Seen:     fmt.Sprintf("read deadline set: %v; write deadline moved: %v", !read.IsZero(), !write.Equal(c.writeBy)),
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	})
	if c.script != nil {
		c.expectTimeAtConn()
	}
	return c.nextMessage
}

// comes adds data to what the Conn's reads will return. If withTimeout is set, and nothing else is left to return, the next read that
// times out returns data together with its error.
func (s *stream) comes(data []byte, withTimeout bool) {
	s.script.change(func() {
		if left := slices.Concat(s.script.withTimeout, s.script.afterTimeout); len(left) > 0 {
			s.script.results = append(s.script.results, scriptedRead{data: left})
			s.script.withTimeout, s.script.afterTimeout = nil, nil
		}
		if withTimeout && len(s.script.results) == 0 {
			s.script.withTimeout = data
		} else {
			s.script.results = append(s.script.results, pieces(data, len(data))...)
		}
	})
}

// awaitProgress waits for a call while bytes pass. Code may read byte by byte, and each read goes to the grader's process.
func (c *scripted) awaitProgress(call *grading.Running) {
	for before := -1; ; {
		c.mu.Lock()
		passed := c.given + len(c.taken)
		c.mu.Unlock()
		if passed == before || call.ReturnsWithin(time.Second) {
			return
		}
		before = passed
	}
}
