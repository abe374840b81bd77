package grading

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// ends are the two of a channel.
func ends(t *testing.T, handle func(string, json.RawMessage) (any, *fault)) (here, there *channel) {
	one, other := net.Pipe()
	t.Cleanup(func() {
		one.Close()
		other.Close()
	})
	here, there = newChannel(one, handle), newChannel(other, handle)
	go here.serve(one)
	go there.serve(other)
	return here, there
}

// Each end calls the other, which calls back before it answers.
func TestBothEndsCallAtOnce(t *testing.T) {
	var here, there *channel
	back := func(c *channel) func(string, json.RawMessage) (any, *fault) {
		return func(name string, body json.RawMessage) (any, *fault) {
			if name == "double" {
				return decode[int](body) * 2, nil
			}
			return decode[int](c.call("double", decode[int](body))) + 1, nil
		}
	}
	here, there = ends(t, nil)
	here.handle, there.handle = back(here), back(there)
	var all sync.WaitGroup
	for i := range 100 {
		for _, c := range []*channel{here, there} {
			all.Go(func() { assert.Equal(t, 2*i+1, decode[int](c.call("double and more", i))) })
		}
	}
	all.Wait()
}

func TestFaultIsThrownWhereItWasCalled(t *testing.T) {
	here, _ := ends(t, func(string, json.RawMessage) (any, *fault) { return nil, &fault{Panic: "oops"} })
	defer func() { assert.Equal(t, &fault{Panic: "oops"}, recover()) }()
	here.call("x", nil)
}

// What the student's process writes besides ends the channel, and takes no memory.
func TestWhatIsNoMessageEndsTheChannel(t *testing.T) {
	frame := func(length uint32, text string) []byte {
		return append(binary.BigEndian.AppendUint32(nil, length), text...)
	}
	for name, said := range map[string][]byte{
		"nothing":      nil,
		"half a frame": frame(100, "{}"),
		"too long":     frame(mostBytes+1, "{}"),
		"a print":      []byte("--- PASS: TestSendAll\n"),
		"no JSON":      frame(3, "abc"),
	} {
		c := newChannel(io.Discard, nil)
		c.serve(bytes.NewReader(said))
		assert.PanicsWithValue(t, gone{}, func() { c.call("x", nil) }, name)
	}
}

// A reply to what nobody has asked, or one that comes again, is nothing.
func TestRepliesThatNobodyWaitsForAreDropped(t *testing.T) {
	c := newChannel(io.Discard, nil)
	var said bytes.Buffer
	from := newChannel(&said, nil)
	for range 3 {
		from.send(message{Number: 1, Reply: true})
	}
	c.serve(&said)
	assert.Empty(t, c.waiting)
}

func TestWhatIsSaidWronglyIsNotSaid(t *testing.T) {
	assert.PanicsWithValue(t, gone{}, func() { decode[int](json.RawMessage(`"text"`)) })
	assert.Equal(t, connResult{}.N, (&table{}).carryOut(encode(connCall{Number: 7, Method: "Read", Most: 1})).N, "a connection that is not there")
}
