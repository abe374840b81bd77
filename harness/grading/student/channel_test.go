package student

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"sync"
	"testing"
)

// ends returns the two ends of a channel.
func ends(t *testing.T, handle func(string, json.RawMessage) (any, *Fault)) (here, there *Channel) {
	one, other := net.Pipe()
	t.Cleanup(func() {
		one.Close()
		other.Close()
	})
	here, there = newChannel(one, handle), newChannel(other, handle)
	go here.Serve(one)
	go there.Serve(other)
	return here, there
}

// isGone expects that a call panics with Gone: the other process has ended, or has sent something that is not a message.
func isGone(t *testing.T, said string, call func()) {
	t.Helper()
	defer func() {
		if panicked := recover(); panicked != (Gone{}) {
			t.Errorf("%s: the panic is %v", said, panicked)
		}
	}()
	call()
}

// Each end calls the other, which calls back before it answers.
func TestBothEndsCallAtOnce(t *testing.T) {
	var here, there *Channel
	back := func(c *Channel) func(string, json.RawMessage) (any, *Fault) {
		return func(name string, body json.RawMessage) (any, *Fault) {
			if name == "double" {
				return Decode[int](body) * 2, nil
			}
			return Decode[int](c.Call("double", Decode[int](body))) + 1, nil
		}
	}
	here, there = ends(t, nil)
	here.handle, there.handle = back(here), back(there)
	var all sync.WaitGroup
	for i := range 100 {
		for _, c := range []*Channel{here, there} {
			all.Go(func() {
				if got := Decode[int](c.Call("double and more", i)); got != 2*i+1 {
					t.Errorf("2·%d+1 is %d", i, got)
				}
			})
		}
	}
	all.Wait()
}

func TestFaultIsThrownWhereItWasCalled(t *testing.T) {
	here, _ := ends(t, func(string, json.RawMessage) (any, *Fault) { return nil, &Fault{Panic: "oops"} })
	defer func() {
		if fault, isFault := recover().(*Fault); !isFault || *fault != (Fault{Panic: "oops"}) {
			t.Errorf("the panic is %v", fault)
		}
	}()
	here.Call("x", nil)
}

// Anything that is not a message ends the channel, and allocates no memory.
func TestWhatIsNoMessageEndsTheChannel(t *testing.T) {
	frame := func(length uint32, text string) []byte {
		return append(binary.BigEndian.AppendUint32(nil, length), text...)
	}
	for name, said := range map[string][]byte{
		"nothing":      nil,
		"half a frame": frame(100, "{}"),
		"too long":     frame(MostBytes+1, "{}"),
		"a print":      []byte("--- PASS: TestSendAll\n"),
		"no JSON":      frame(3, "abc"),
	} {
		c := newChannel(io.Discard, nil)
		c.Serve(bytes.NewReader(said))
		isGone(t, name, func() { c.Call("x", nil) })
	}
}

// A reply that nobody waits for, or that comes again, is ignored.
func TestRepliesThatNobodyWaitsForAreDropped(t *testing.T) {
	c := newChannel(io.Discard, nil)
	var said bytes.Buffer
	from := newChannel(&said, nil)
	for range 3 {
		from.send(message{Number: 1, Reply: true})
	}
	c.Serve(&said)
	if len(c.waiting) > 0 {
		t.Errorf("%v waits", c.waiting)
	}
}

func TestWhatIsSaidWronglyIsNotSaid(t *testing.T) {
	isGone(t, "a text, for a number", func() { Decode[int](json.RawMessage(`"text"`)) })
}
