// Package student starts the process that runs the student's code, and has the channel between that process and the
// grader's.
package student

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// MostBytes is how long a message may be: the student's process must not fill the grader's memory.
const MostBytes = 64 << 20

// mostCalls is how many calls from the other process are carried out at the same time. An exercise needs a few.
const mostCalls = 256

// message is a call to the other process, or the reply to a call.
type message struct {
	Number uint64 // the number of the call, which the caller counts
	Reply  bool
	Name   string // the name of the function to call; empty in a reply
	Body   json.RawMessage
	Fault  *Fault // in a reply, in place of the body
}

// Fault says how a call that did not return has ended.
type Fault struct {
	NotBegun bool
	Panic    string
	Where    string // the student's line
}

// Gone is the panic of a call when the other process has ended.
type Gone struct{}

// Channel is between the grader's process and the student's. Each can call the other, with many calls at the same time.
type Channel struct {
	handle func(name string, body json.RawMessage) (result any, fault *Fault)

	sending sync.Mutex
	out     io.Writer

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan message

	over chan struct{}
}

// newChannel returns one end of a channel. handle carries out the calls from the other process.
func newChannel(out io.Writer, handle func(string, json.RawMessage) (any, *Fault)) *Channel {
	return &Channel{handle: handle, out: out, waiting: make(map[uint64]chan message), over: make(chan struct{})}
}

// Over returns a channel that is closed when no more messages come.
func (c *Channel) Over() <-chan struct{} { return c.over }

// Serve carries out calls and delivers replies, until in ends or contains something that is not a message.
func (c *Channel) Serve(in io.Reader) {
	defer close(c.over)
	slots := make(chan struct{}, mostCalls)
	for {
		m, err := receive(in)
		if err != nil {
			return
		}
		if m.Reply {
			c.mu.Lock()
			if reply := c.waiting[m.Number]; reply != nil {
				delete(c.waiting, m.Number)
				reply <- m
			}
			c.mu.Unlock()
			continue
		}
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			result, fault := c.handle(m.Name, m.Body)
			c.mu.Lock() // for the race detector: the call happens before whatever its caller does next
			c.mu.Unlock()
			c.send(message{Number: m.Number, Reply: true, Body: Encode(result), Fault: fault})
		}()
	}
}

// Call calls the other process, and waits for the reply. It panics with a *Fault, or with Gone, if the call does not
// return.
func (c *Channel) Call(name string, arg any) json.RawMessage {
	reply := make(chan message, 1)
	c.mu.Lock()
	c.last++
	number := c.last
	c.waiting[number] = reply
	c.mu.Unlock()
	c.send(message{Number: number, Name: name, Body: Encode(arg)})
	select {
	case m := <-reply:
		if m.Fault != nil {
			panic(m.Fault)
		}
		return m.Body
	case <-c.over:
		panic(Gone{})
	}
}

// send returns no error: a caller that waits for a reply learns that the channel is over.
func (c *Channel) send(m message) {
	text := Encode(m)
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(text)), uint32(len(text)))
	c.sending.Lock()
	defer c.sending.Unlock()
	c.out.Write(append(frame, text...))
}

func receive(in io.Reader) (m message, err error) {
	var length [4]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return m, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > MostBytes {
		return m, fmt.Errorf("a message of %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(in, text); err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

// Encode returns a value in the form in which it is sent.
func Encode(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // the project's own code has an argument or a result that JSON can't represent
	}
	return text
}

// Decode reads what Encode has written. If that fails, it panics as if the other process had ended.
func Decode[T any](text json.RawMessage) (value T) {
	if json.Unmarshal(text, &value) != nil {
		panic(Gone{})
	}
	return value
}
