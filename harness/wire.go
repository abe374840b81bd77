package harness

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// segments is what an experiment has seen of the wire.
type segments struct {
	*capture
	lostBefore uint64 // by the capture, before the experiment began

	// All that follows is protected by the capture's lock.
	reader      wire.Reader
	read        []Segment
	frames      []wire.Frame  // of read, one each
	grown       chan struct{} // closed when there is one more
	descriptors []func() (local, remote netip.AddrPort)
	silences    []silence
	over        bool // what comes now is not part of the story
}

// silence is the time during which one end heard nothing.
type silence struct {
	of            syscall.Conn
	local, remote netip.AddrPort
	begun, over   time.Time // over is zero as long as it lasts
}

// withoutWire says once why the wire is missing, if -v asks for it and nothing depends on it.
var withoutWire sync.Once

// watchWire begins to watch the wire if somebody looks: -v, -artifacts, or the test itself.
func (x *Experiment) watchWire(isTest bool, needs []Need) {
	needed := false
	for _, need := range needs {
		needed = needed || need.name == Wire.name
	}
	if !needed && !(isTest && (testing.Verbose() || keepsArtifacts())) {
		return
	}
	c, err := theCapture()
	if err == nil {
		x.wire = &segments{capture: c, grown: make(chan struct{})}
		x.wire.reader.Unheard = x.wire.isUnheard
		x.wire.lostBefore, err = c.tap.drain()
	}
	if err != nil {
		x.wire = nil
		withoutWire.Do(func() { fmt.Printf("harness: no wire in what follows: %v\n", err) })
	}
}

// addSegment takes a frame that is the experiment's. The capture is locked.
func (x *Experiment) addSegment(f wire.Frame) {
	if x.wire.over {
		return
	}
	s := x.wire.reader.Read(f)
	x.wire.read = append(x.wire.read, x.log.AddSegment(f.At, s))
	x.wire.frames = append(x.wire.frames, f)
	close(x.wire.grown)
	x.wire.grown = make(chan struct{})
}

// claim makes the segments of a listener or connection part of the story.
func (x *Experiment) claim(opened io.Closer) {
	if x.wire == nil {
		return
	}
	switch opened := opened.(type) {
	case net.Listener:
		x.wire.claim(x, endOf(opened.Addr()), netip.AddrPort{})
	case net.Conn:
		x.wire.claim(x, endOf(opened.LocalAddr()), endOf(opened.RemoteAddr()))
	}
}

// Watch makes what goes to and from an address part of the story: that of a listener in another
// process, say. What the experiment opened or owns is part of it anyway.
func (x *Experiment) Watch(address string) {
	x.t.Helper()
	if x.wire == nil {
		return
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		x.t.Fatalf("watch the wire: %v", err)
	}
	x.wire.claim(x, at, netip.AddrPort{})
}

// claimDescriptors makes the segments of raw sockets part of the story, once they have an address.
func (x *Experiment) claimDescriptors() {
	if x.wire == nil {
		return
	}
	x.wire.mu.Lock()
	waiting := x.wire.descriptors
	x.wire.descriptors = nil
	x.wire.mu.Unlock()
	for _, ends := range waiting {
		if local, remote := ends(); local.Port() > 0 {
			x.wire.claim(x, local, remote)
			continue
		}
		x.wire.mu.Lock()
		x.wire.descriptors = append(x.wire.descriptors, ends)
		x.wire.mu.Unlock()
	}
}

// drainWire waits until all that was sent until now is in the story. It says how many segments were
// lost since the experiment began.
func (x *Experiment) drainWire() (lost uint64, err error) {
	if x.wire == nil {
		return 0, nil
	}
	lost, err = x.wire.tap.drain()
	return lost - x.wire.lostBefore, err
}

// leaveWire takes in what was sent until now, and nothing after it.
func (x *Experiment) leaveWire() {
	if x.wire == nil {
		return
	}
	x.claimDescriptors()
	lost, err := x.drainWire()
	x.wire.mu.Lock()
	x.wire.over = true
	x.wire.mu.Unlock()
	if err != nil {
		x.note(story.Event{Lane: story.Wire, Kind: story.Check, Text: fmt.Sprintf("the capture has ended before this: %v", err)})
	}
	if lost > 0 {
		x.note(story.Event{Lane: story.Wire, Kind: story.Check, Text: fmt.Sprintf("%d segments were lost by the capture; some may be missing here", lost)})
	}
}

// oneHopAway is the TTL that a segment needs to get one hop away. What Forget sends has less.
const oneHopAway = 2

// releaseWire gives up what the experiment has claimed, when all its sockets are closed: their last
// segments are not to be taken for those of another, which gets the same ports.
func (x *Experiment) releaseWire() {
	if x.wire == nil {
		return
	}
	x.drainWire() // an error was noted when the story was over
	x.wire.release(x)
}

// isUnheard reports whether a segment comes to a host that has vanished, or is lost one hop away. A
// listener that has vanished hears no SYN; the connections that it had before go on.
func (w *segments) isUnheard(f wire.Frame) bool {
	if f.TTL < oneHopAway {
		return true
	}
	for _, s := range w.silences {
		here := f.To == s.local && (f.From == s.remote || !s.remote.IsValid() && f.SYN && !f.ACK)
		if here && !f.At.Before(s.begun) && (s.over.IsZero() || f.At.Before(s.over)) {
			return true
		}
	}
	return false
}

func (x *Experiment) writePcapng(w io.Writer) error {
	comments := make([]string, len(x.wire.read))
	for i, s := range x.wire.read {
		comments[i] = s.String()
	}
	return wire.WritePcapng(w, x.t.Name(), x.wire.frames, comments)
}

// endOf is an address as the wire has it; it is invalid if there is none.
func endOf(addr net.Addr) netip.AddrPort {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp == nil {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
