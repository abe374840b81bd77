package harness

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"socketlabs/harness/timeline"
	"socketlabs/harness/wire"
)

// Segment is a TCP segment as the capture has seen it.
type Segment = timeline.Segment

// What segments mean, in the words of the timeline.
const (
	SYN            = timeline.SYN
	SYNACK         = timeline.SYNACK
	Data           = timeline.Data
	ACK            = timeline.ACK
	FIN            = timeline.FIN
	RST            = timeline.RST
	KeepaliveProbe = timeline.KeepaliveProbe
	WindowProbe    = timeline.WindowProbe
	ProbeAnswer    = timeline.ProbeAnswer
	Retransmission = timeline.Retransmission
	ZeroWindow     = timeline.ZeroWindow
	WindowUpdate   = timeline.WindowUpdate
)

// segments is what an experiment has seen of the wire.
type segments struct {
	*capture
	lostBefore uint64 // by the capture, before the experiment began

	// All that follows is protected by the capture's lock.
	reader      wire.Reader
	frames      []wire.Frame
	read        []Segment     // of frames, one each
	grown       chan struct{} // closed when there is one more
	descriptors []func() (local, remote netip.AddrPort)
	silences    []silence
}

// silence is the time during which one end heard nothing.
type silence struct {
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
		x.wire.lostBefore, err = c.drain()
	}
	if err != nil {
		x.wire = nil
		withoutWire.Do(func() { fmt.Printf("harness: no wire in what follows: %v\n", err) })
	}
}

// addSegment takes a frame that is the experiment's. The capture is locked.
func (x *Experiment) addSegment(f wire.Frame) {
	s, err := x.wire.reader.Read(f)
	if err != nil {
		return
	}
	x.wire.frames = append(x.wire.frames, f)
	x.wire.read = append(x.wire.read, x.timeline.AddSegment(f.At, s))
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
		x.wire.claim(x, addrPort(opened.Addr()), netip.AddrPort{})
	case net.Conn:
		x.wire.claim(x, addrPort(opened.LocalAddr()), addrPort(opened.RemoteAddr()))
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
		if local, remote := ends(); local.Port() != 0 {
			x.wire.claim(x, local, remote)
			continue
		}
		x.wire.mu.Lock()
		x.wire.descriptors = append(x.wire.descriptors, ends)
		x.wire.mu.Unlock()
	}
}

// drainWire waits until all that was sent until now is in the timeline. It says how many segments were
// lost since the experiment began.
func (x *Experiment) drainWire() (lost uint64, err error) {
	if x.wire == nil {
		return 0, nil
	}
	lost, err = x.wire.drain()
	return lost - x.wire.lostBefore, err
}

// leaveWire takes in what was sent until now, and nothing after it.
func (x *Experiment) leaveWire() {
	if x.wire == nil {
		return
	}
	x.claimDescriptors()
	lost, err := x.drainWire()
	x.wire.release(x)
	if err != nil {
		x.note(timeline.Wire, timeline.Check, fmt.Sprintf("the capture has ended before this: %v", err))
	}
	if lost > 0 {
		x.note(timeline.Wire, timeline.Check, fmt.Sprintf("%d segments were lost by the capture; some may be missing here", lost))
	}
}

// Segments are the segments of a connection that were sent until now, in their order.
func (x *Experiment) Segments(conn net.Conn) []Segment {
	x.t.Helper()
	if x.wire == nil {
		x.t.Fatal("an experiment that asks for segments should need harness.Wire")
	}
	x.claimDescriptors()
	lost, err := x.drainWire()
	if err != nil {
		x.t.Fatalf("the capture of the loopback has ended: %v", err)
	}
	if lost > 0 {
		skipped.Add(1)
		x.t.Skipf("needs Wire: the capture has lost %d segments for want of time; run this experiment alone", lost)
	}
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	local, remote := addrPort(conn.LocalAddr()).String(), addrPort(conn.RemoteAddr()).String()
	var of []Segment
	for _, s := range x.wire.read {
		if s.Client == local && s.Server == remote || s.Client == remote && s.Server == local {
			of = append(of, s)
		}
	}
	return of
}

// AwaitSegments waits until n segments of a connection mean what is asked for, and returns those.
func (x *Experiment) AwaitSegments(conn net.Conn, n int, meaning timeline.Meaning) []Segment {
	x.t.Helper()
	for {
		grown := x.wireGrows()
		found := Meaning(x.Segments(conn), meaning)
		if len(found) >= n {
			return found
		}
		select {
		case <-grown:
		case <-x.over:
			x.t.Fatalf("of %d segments (%s) the wire has seen %d", n, meaning, len(found))
		}
	}
}

// wireGrows is closed when the experiment has a segment more than now.
func (x *Experiment) wireGrows() <-chan struct{} {
	if x.wire == nil {
		return nil
	}
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	return x.wire.grown
}

// Meaning picks the segments that mean what is asked for.
func Meaning(of []Segment, meaning timeline.Meaning) (found []Segment) {
	for _, s := range of {
		if s.Meaning == meaning {
			found = append(found, s)
		}
	}
	return found
}

// isUnheard reports whether a segment comes to a host that has vanished. A listener that has
// vanished hears no SYN; the connections that it had before go on.
func (w *segments) isUnheard(f wire.Frame, h wire.Header) bool {
	for _, s := range w.silences {
		here := h.To == s.local && (h.From == s.remote || !s.remote.IsValid() && h.SYN && !h.ACK)
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

// addrPort is an address as the wire has it; it is invalid if there is none.
func addrPort(addr net.Addr) netip.AddrPort {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp == nil {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
