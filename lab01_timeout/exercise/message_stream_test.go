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
	far    net.Conn
	log    *logged // nil over TCP
	reader grading.Handle[*messages]
	sent   [][]byte // that Next has returned

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

// logged is a connection whose deadlines are known.
type logged struct {
	net.Conn
	last []byte // the Conn returns it together with the end
	end  error

	mu              sync.Mutex
	readBy, writeBy time.Time
}

func (c *logged) Read(buf []byte) (int, error) {
	if c.end == nil {
		return c.Conn.Read(buf)
	}
	n := copy(buf, c.last)
	c.last = c.last[n:]
	if len(c.last) > 0 {
		return n, nil
	}
	return n, c.end
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
	s.g.Experiment.Go(func() {
		for len(data) > 0 {
			n := min(len(data), 1+rand.N(most))
			if _, err := s.far.Write(data[:n]); err != nil {
				return
			}
			data = data[n:]
		}
	})
}

func (s *stream) next(sentence string, patience time.Duration) (got nextMessage) {
	s.g.T().Helper()
	var writeBy time.Time
	if s.log != nil {
		writeBy = s.log.writeBy
	}
	limit := patience
	if patience == hour {
		limit = 0
	}
	s.g.Call("Next", limit, grading.Finding{
		Sentence: sentence,
		Mistake:  "Next waits, and need not",
		Expected: "it returns when a message is whole, is too long, or can't come any more",
	}, func() { got = next.On(s.g, nextCall{s.reader, patience, s.appends}) })
	if s.log != nil {
		s.log.mu.Lock()
		defer s.log.mu.Unlock()
		s.g.Expect(s.log.readBy.IsZero() && s.log.writeBy.Equal(writeBy), grading.Finding{
			Sentence: "no-deadline",
			Mistake:  "Next leaves a deadline behind, or moves one that is not its own",
			Expected: "no read deadline, and the write deadline as it was",
			Seen:     fmt.Sprintf("read deadline set: %v; write deadline moved: %v", !s.log.readBy.IsZero(), !s.log.writeBy.Equal(writeBy)),
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}
	return got
}
