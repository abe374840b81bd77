package wire

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// tap reads everything that is sent over the loopback: packet(7).
type tap struct {
	ring  *ring
	marks *net.UDPConn // sends marks to itself: they are captured, too

	mu     sync.Mutex
	sent   uint64        // the last mark
	seen   uint64        // the last mark that was read
	moved  chan struct{} // closed when seen or failed changes
	failed error         // why the tap reads no more
	lost   uint64        // frames, since the capture began
}

// headersOnly is how many bytes of a frame are kept: Ethernet, IPv6, TCP with all options, a short message.
const headersOnly = 128

// openTap begins to capture. It calls take for each TCP segment, in the order of sending.
func openTap(take func(Frame)) (*tap, error) {
	marks, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		return nil, fmt.Errorf("can't mark what is captured on the loopback: %w", err)
	}
	t := &tap{marks: marks, moved: make(chan struct{})}
	if t.ring, err = openRing("lo", outgoingTCP(t.markedBy())); err != nil {
		marks.Close()
		return nil, fmt.Errorf("can't capture on the loopback: %w", err)
	}
	go t.loop(take)
	return t, nil
}

func (t *tap) markedBy() (port uint16) {
	return t.marks.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

// Where the fields that we look at are in a frame. The headers of Ethernet, IPv4 and UDP are as short
// as they can be.
const (
	protocolOfIPv4 = 14 + 9
	protocolOfIPv6 = 14 + 6
	portOfMark     = 14 + 20 + 2
	numberOfMark   = 14 + 20 + 8
)

// outgoingTCP lets TCP segments and our marks pass, once each. The loopback shows every frame twice: when
// it is sent and when it arrives. We take the first: the frame is in the ring when the call that sends it
// returns, even if the receiver has vanished and drops it.
func outgoingTCP(markedBy uint16) []bpf.RawInstruction {
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.PACKET_OUTGOING, SkipTrue: 11},
		bpf.LoadExtension{Num: bpf.ExtProto},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ETH_P_IPV6, SkipTrue: 7},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.ETH_P_IP, SkipTrue: 8},
		bpf.LoadAbsolute{Off: protocolOfIPv4, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_TCP, SkipTrue: 7},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_UDP, SkipTrue: 5},
		bpf.LoadAbsolute{Off: portOfMark, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(markedBy), SkipTrue: 4},
		bpf.RetConstant{Val: 0},
		bpf.LoadAbsolute{Off: protocolOfIPv6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		bpf.RetConstant{Val: 0},
		bpf.RetConstant{Val: headersOnly},
	})
	if err != nil {
		panic(err) // the program is the same on every machine
	}
	return program
}

func (t *tap) loop(take func(Frame)) {
	for {
		f, err := t.ring.read()
		if err != nil {
			t.move(func() { t.failed = err })
			return
		}
		if mark, ok := t.mark(f.data); ok {
			t.move(func() { t.seen = max(t.seen, mark) })
			continue
		}
		if header, err := ReadHeader(f.data); err == nil {
			take(Frame{Header: header, At: onMonotonicClock(f.at), Stamp: f.at, Data: f.data, Whole: f.length})
		}
	}
}

func (t *tap) move(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
	close(t.moved)
	t.moved = make(chan struct{})
}

func (t *tap) mark(frame []byte) (number uint64, ok bool) {
	if len(frame) != numberOfMark+8 || frame[protocolOfIPv4] != unix.IPPROTO_UDP ||
		binary.BigEndian.Uint16(frame[portOfMark:]) != t.markedBy() {
		return 0, false
	}
	return binary.BigEndian.Uint64(frame[numberOfMark:]), true
}

// onMonotonicClock converts the kernel's time stamp of a frame from the wall clock to the monotonic clock,
// which the experiment uses. time.Now reads both clocks, the wall clock first. The stamp is equally long
// ago on both, unless the wall clock was set in the microseconds since the frame was sent. If the process is
// interrupted between the two readings, the result is too late by that time. So onMonotonicClock reads the
// clocks several times, and takes the earliest result.
func onMonotonicClock(stamp time.Time) (earliest time.Time) {
	for range 3 {
		now := time.Now()
		wall := now.Round(0)
		at := now.Add(stamp.Sub(wall))
		if earliest.IsZero() || at.Before(earliest) {
			earliest = at
		}
	}
	return earliest
}

// drain waits until every frame that was sent before the call has been read. To know that, it sends a mark, and waits
// until the mark is read. It returns how many frames were lost since the capture began, because the ring was full.
func (t *tap) drain() (lost uint64, err error) {
	const again = 20 * time.Millisecond // the mark itself may be lost
	t.mu.Lock()
	t.sent++
	mark := t.sent
	for t.seen < mark && t.failed == nil {
		moved := t.moved
		t.mu.Unlock()
		if _, err := t.marks.WriteTo(binary.BigEndian.AppendUint64(nil, mark), t.marks.LocalAddr()); err != nil {
			return 0, err
		}
		select {
		case <-moved:
		case <-time.After(again):
		}
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	if t.failed != nil {
		return 0, t.failed
	}
	drops, err := t.ring.drops()
	t.lost += uint64(drops)
	return t.lost, err
}
