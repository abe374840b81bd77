// Package student is the process that has the student's code, and the channel between it and the grader's process.
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

// mostCalls is how many calls of the other process are carried out at a time. An exercise needs a few.
const mostCalls = 256

// message is a call of the other process, or the reply to one.
type message struct {
	Number uint64 // of the call, counted by the caller
	Reply  bool
	Name   string // of what is called; none in a reply
	Body   json.RawMessage
	Fault  *Fault // in place of a reply's body
}

// Fault says how a call has ended that did not return.
type Fault struct {
	NotBegun bool
	Panic    string
	Where    string // the student's line
}

// Gone is the panic of a call when the other process has ended.
type Gone struct{}

// Channel is between the grader's process and the student's. Both call, many times at once.
type Channel struct {
	handle func(name string, body json.RawMessage) (result any, fault *Fault)

	sending sync.Mutex
	out     io.Writer

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan message

	over chan struct{}
}

// newChannel is one end of a channel. What the other process calls, handle carries out.
func newChannel(out io.Writer, handle func(string, json.RawMessage) (any, *Fault)) *Channel {
	return &Channel{handle: handle, out: out, waiting: make(map[uint64]chan message), over: make(chan struct{})}
}

// Over is closed when no more messages come.
func (c *Channel) Over() <-chan struct{} { return c.over }

// Serve carries out calls and hands on replies, until in ends or has something that is not a message.
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
			c.mu.Lock() // what the call has done here happens before what its caller does next
			c.mu.Unlock()
			c.send(message{Number: m.Number, Reply: true, Body: Encode(result), Fault: fault})
		}()
	}
}

// Call calls the other process, and waits. It panics with a *Fault or with Gone if that does not return.
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

// Encode is a value as it is sent.
func Encode(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // an argument or a result of the project's own code that JSON can't say
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
