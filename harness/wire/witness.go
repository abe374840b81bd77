package wire

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/story"
)

// witness holds the segments that were captured for one experiment.
type witness struct {
	*capture
	x          *harness.Experiment
	lostBefore uint64 // frames that the capture had lost before the experiment began

	// The capture's lock protects everything that follows.
	reader      Reader
	read        []story.Segment
	frames      []Frame       // one for each segment in read
	grown       chan struct{} // closed when the next segment comes
	descriptors []int         // sockets from OpenedFD that have no address yet
	silences    []silence
	over        bool // later segments are not part of the story
}

// silence is the time during which one end heard nothing.
type silence struct {
	of            syscall.Conn
	local, remote netip.AddrPort
	begun, over   time.Time // over is zero while the silence lasts
}

// NoSegments begins the line that says why no segments are captured.
const NoSegments = "harness: no segments are captured"

// withoutWire makes Watch say only once why no segments are captured.
var withoutWire sync.Once

// Watch begins to watch the wire for an experiment. It is for harness.Main.
func Watch(x *harness.Experiment) harness.Witness {
	c, err := theCapture()
	var lost uint64
	if err == nil {
		lost, err = c.tap.drain()
	}
	if err != nil {
		withoutWire.Do(func() { fmt.Printf(NoSegments+": %v\n", err) })
		return nil
	}
	w := &witness{capture: c, x: x, lostBefore: lost, grown: make(chan struct{})}
	w.reader.Unheard = w.isUnheard
	return w
}

// of returns the witness of an experiment, or nil if nobody looks at the wire.
func of(x *harness.Experiment) *witness {
	w, _ := x.Witness().(*witness)
	return w
}

// addSegment takes a frame that belongs to the experiment. The caller holds the capture's lock.
func (w *witness) addSegment(f Frame) {
	if w.over {
		return
	}
	s := w.reader.Read(f)
	w.read = append(w.read, w.x.NoteSegment(f.At, s))
	w.frames = append(w.frames, f)
	close(w.grown)
	w.grown = make(chan struct{})
}

// Opened makes the segments of a listener or connection part of the story.
func (w *witness) Opened(opened io.Closer) {
	switch opened := opened.(type) {
	case net.Listener:
		w.claim(w, endOf(opened.Addr()), netip.AddrPort{})
	case net.Conn:
		w.claim(w, endOf(opened.LocalAddr()), endOf(opened.RemoteAddr()))
	}
}

// OpenedFD makes the segments of a socket that the test has opened with socket(2) part of the story, as soon as the
// socket has an address.
func (w *witness) OpenedFD(fd int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.descriptors = append(w.descriptors, fd)
}

// Claim makes the segments to and from an address part of the story, for example the address of a listener in
// another process. The segments of sockets that the experiment owns are part of the story anyway.
func Claim(x *harness.Experiment, address string) {
	x.T().Helper()
	w := of(x)
	if w == nil {
		return
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		x.T().Fatalf("claim what is on the wire: %v", err)
	}
	w.claim(w, at, netip.AddrPort{})
}

// claimDescriptors makes the segments of sockets from OpenedFD part of the story, once they have an address.
func (w *witness) claimDescriptors() {
	w.mu.Lock()
	waiting := w.descriptors
	w.descriptors = nil
	w.mu.Unlock()
	for _, fd := range waiting {
		if local, remote := ends(fd); local.Port() > 0 {
			w.claim(w, local, remote)
			continue
		}
		w.OpenedFD(fd)
	}
}

// Drain waits until everything that was sent until now is in the story.
func (w *witness) Drain() {
	w.claimDescriptors()
	w.drain() // All and Leave handle the error
}

// drain returns how many segments were lost since the experiment began.
func (w *witness) drain() (lost uint64, err error) {
	lost, err = w.tap.drain()
	return lost - w.lostBefore, err
}

// Leave takes everything that was sent until now into the story, and nothing that is sent later.
func (w *witness) Leave() {
	w.claimDescriptors()
	lost, err := w.drain()
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	if err != nil {
		w.note(fmt.Sprintf("the capture has ended before this: %v", err))
	}
	if lost > 0 {
		w.note(fmt.Sprintf("the capture has lost %s; some may be missing here", story.Count(int(lost), "segment")))
	}
}

func (w *witness) note(text string) {
	w.x.Note(story.Event{Lane: story.Wire, Kind: story.Check, Text: text})
}

// Release gives up what the experiment has claimed, once all its sockets are closed. It first reads their last
// segments, so that they are not attributed to another experiment that gets the same ports.
func (w *witness) Release() {
	w.drain() // Leave has noted an error
	w.release(w)
}

// Keep writes the segments to a file for tshark and Wireshark.
func (w *witness) Keep(keep func(name string, write func(io.Writer) error)) {
	if len(w.frames) == 0 {
		return
	}
	comments := make([]string, len(w.read))
	for i, s := range w.read {
		comments[i] = s.String()
	}
	keep("wire.pcapng", func(file io.Writer) error {
		return WritePcapng(file, w.x.T().Name(), w.frames, comments)
	})
}

// Deafen notes that one end hears nothing from now on. Package link makes the end deaf.
func Deafen(x *harness.Experiment, peer syscall.Conn) {
	w := of(x)
	if w == nil {
		return
	}
	s := silence{of: peer, begun: time.Now()}
	s.local, s.remote = endsOf(peer)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silences = append(w.silences, s)
}

// Hear notes that one end hears again.
func Hear(x *harness.Experiment, peer syscall.Conn) {
	w := of(x)
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, s := range w.silences {
		if s.of == peer && s.over.IsZero() {
			w.silences[i].over = time.Now()
		}
	}
}

const (
	// OneHop is the TTL that a segment needs to reach a host one hop away. A segment with less is lost on the way.
	OneHop = 2
	// FromMiddlebox is the TTL of segments from a middlebox: the highest. Even an end that hears nothing else hears them.
	FromMiddlebox = 255
)

// isUnheard reports whether a segment is sent to a host that has vanished, or is lost before it gets one hop away.
// A listener that has vanished hears no SYN, but the connections that it had before go on.
func (w *witness) isUnheard(f Frame) bool {
	if f.TTL < OneHop {
		return true
	}
	if f.TTL == FromMiddlebox {
		return false
	}
	for _, s := range w.silences {
		here := f.To == s.local && (f.From == s.remote || !s.remote.IsValid() && f.SYN && !f.ACK)
		if here && !f.At.Before(s.begun) && (s.over.IsZero() || f.At.Before(s.over)) {
			return true
		}
	}
	return false
}

// endOf returns an address as it is on the wire. It is invalid if addr is not a TCP address.
func endOf(addr net.Addr) netip.AddrPort {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp == nil {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
