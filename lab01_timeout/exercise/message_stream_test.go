package exercise_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
)

// stream is a connection of the student's, and the grader's end of it.
type stream struct {
	g      *grading.Grader
	t      *testing.T
	far    net.Conn  // nil over a script
	log    *logged   // over a pipe
	script *scripted // or it is one
	reader grading.Handle[*messages]
	sent   [][]byte // that Next has returned

	sending chan struct{} // closed when all is sent

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

// overPipe is one that is not of the network. The caller has set a write deadline.
func overPipe(g *grading.Grader) *stream {
	near, far := net.Pipe()
	g.Own(near)
	g.Own(far)
	log := &logged{Conn: near, writeBy: time.Now().Add(hour)}
	return (&stream{g: g, far: far, log: log}).begin(g.Script(log))
}

// overScript is one whose reads are known one by one. It takes its time to remove a deadline: what Next leaves to somebody
// else has not happened when it returns.
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

// logged is a connection whose deadlines are known.
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

// framed is a message with its length.
func framed(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
}

// send writes in pieces, while the student's code reads.
func (s *stream) send(data []byte, most int) {
	before, sending := s.sending, make(chan struct{})
	s.sending = sending
	s.g.Experiment.Go(func() {
		defer close(sending)
		if before != nil {
			<-before // on a busy machine, what was sent before is not read yet
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

// deadlines are those of the connection, where they are known.
func (s *stream) deadlines() (read, write time.Time) {
	switch {
	case s.script != nil:
		return s.script.deadlines()
	case s.log != nil:
		return s.log.deadlines()
	}
	return read, write
}

// calling is a call of Next that was begun.
type calling struct {
	*grading.Running
	*stream
	nextMessage
	patience time.Duration
	begun    time.Time // wall clock
	before   int       // reads of the script
	writeBy  time.Time
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

// end waits for the call, and looks at the deadlines.
func (c *calling) end(sentence string) nextMessage {
	c.g.T().Helper()
	limit := c.patience
	if c.patience >= hour {
		limit = 0
	}
	c.Wait(limit, grading.Finding{
		Sentence: sentence,
		Mistake:  "Next waits, and need not",
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

// expectTimeAtConn: the deadline that the Conn's reads have found leaves the call its whole time. So long patience is graded,
// too. Who counts the time in another way leaves no deadline there.
func (c *calling) expectTimeAtConn() {
	c.g.T().Helper()
	c.script.mu.Lock()
	defer c.script.mu.Unlock()
	for _, read := range c.script.reads[c.before:] {
		isOver := read.at.Sub(c.begun) >= c.patience-slack // before it came to the connection: the machine is busy
		has := read.by.Sub(c.begun)
		c.g.Expect(read.by.IsZero() || isOver || has >= c.patience-slack, grading.Finding{
			Sentence: "times-out",
			Mistake:  "Next gives up too early",
			Expected: "the Conn's reads may wait for " + c.patience.String() + " from the beginning of Next",
			Seen:     "the deadline of one comes " + has.String() + " after that",
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}
}

// comes: the Conn's reads return data, after all that they have not returned yet; or the next timeout does.
func (s *stream) comes(data []byte, withTimeout bool) {
	s.script.change(func() {
		if left := s.script.withTimeout; len(left) > 0 {
			s.script.results, s.script.withTimeout = append(s.script.results, scriptedRead{data: left}), nil
		}
		if withTimeout && len(s.script.results) == 0 {
			s.script.withTimeout = data
		} else {
			s.script.results = append(s.script.results, pieces(data, len(data))...)
		}
	})
}
