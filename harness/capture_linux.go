package harness

import (
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"socketlabs/harness/wire"
)

// tap is the socket through which the capture reads the loopback: packet(7).
type tap struct {
	handle *pcapgo.EthernetHandle

	mu     sync.Mutex
	read   *sync.Cond // signalled after each frame
	frames uint64     // that were read
	queued uint64     // that the kernel has queued for us
	lost   uint64     // that it had no room for
	failed error      // why nothing more is read
}

// headersOnly is how much of each frame is kept: Ethernet, IPv6, TCP with all options, and the data
// of a short message. The kernel then holds little more than that; a frame with its data would
// fill the queue at once.
const headersOnly = 128

// openTap begins to capture. It gives each frame to take, in the order of sending; the frame is
// counted as seen when take has returned.
func openTap(take func(wire.Frame)) (*tap, error) {
	handle, err := pcapgo.NewEthernetHandle("lo")
	if err != nil {
		return nil, err
	}
	t := &tap{handle: handle}
	t.read = sync.NewCond(&t.mu)
	if err := t.prepare(); err != nil {
		handle.Close()
		return nil, fmt.Errorf("couldn't prepare the capture: %w", err)
	}
	go t.loop(take)
	return t, nil
}

// prepare returns when the filter is set, and the queue empty of what came before.
func (t *tap) prepare() error {
	if err := t.awaitStamps(); err != nil {
		return err
	}
	if err := t.handle.SetBPF(outgoingTCP()); err != nil {
		return err
	}
	_, err := t.skipQueued() // some may have passed the filter, but nobody waits for those
	return err
}

// awaitStamps waits until the kernel stamps frames when they are sent. It begins to a moment after it
// was asked to (net_enable_timestamp); until then a frame gets the time at which it is read.
func (t *tap) awaitStamps() error {
	conn, err := net.ListenPacket("udp", Loopback())
	if err != nil {
		return err
	}
	defer conn.Close()
	for {
		if _, err := conn.WriteTo([]byte("?"), conn.LocalAddr()); err != nil {
			return err
		}
		sent := time.Now()
		earliest, err := t.skipQueued()
		if err != nil || earliest.Before(sent) {
			return err
		}
	}
}

// skipQueued reads what is queued, and gives the earliest time of it, or now.
func (t *tap) skipQueued() (earliest time.Time, err error) {
	earliest = time.Now()
	stats, err := t.handle.Stats()
	if err != nil {
		return earliest, err
	}
	for range stats.Packets - stats.Drops {
		_, info, err := t.handle.ReadPacketData()
		if err != nil {
			return earliest, err
		}
		if info.Timestamp.Before(earliest) {
			earliest = info.Timestamp
		}
	}
	return earliest, nil
}

// outgoingTCP lets TCP segments pass, once each: the loopback shows every frame when it is sent
// and when it arrives. Sending comes first, and a call that sends returns after the frame was
// queued for us: so what the kernel has sent when drained is called is in the queue.
func outgoingTCP() []bpf.RawInstruction {
	const (
		protocolOfIPv4, protocolOfIPv6 = 14 + 9, 14 + 6 // behind the Ethernet header
		cut                            = headersOnly
	)
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.PACKET_OUTGOING, SkipTrue: 8},
		bpf.LoadExtension{Num: bpf.ExtProto},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ETH_P_IPV6, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.ETH_P_IP, SkipTrue: 5},
		bpf.LoadAbsolute{Off: protocolOfIPv4, Size: 1},
		bpf.Jump{Skip: 1},
		bpf.LoadAbsolute{Off: protocolOfIPv6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		bpf.RetConstant{Val: cut},
		bpf.RetConstant{Val: 0},
	})
	if err != nil {
		panic(err) // the program is a constant
	}
	return program
}

func (t *tap) loop(take func(wire.Frame)) {
	for {
		data, info, err := t.handle.ReadPacketData()
		if err == nil {
			take(wire.Frame{At: onMonotonicClock(info.Timestamp), Info: info, Data: data})
		}
		t.mu.Lock()
		t.frames++
		t.failed = err
		t.read.Broadcast()
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// onMonotonicClock gives a moment of the wall clock, which is what the kernel stamps frames with, a
// reading of the monotonic clock, which is the experiment's. time.Now reads both clocks at once;
// how long ago the stamp is on one, it is on the other, unless the wall clock was set in between:
// in the microseconds between the frame's sending and our reading it.
func onMonotonicClock(stamp time.Time) time.Time {
	now := time.Now()
	wall := now.Round(0)
	return now.Add(-wall.Sub(stamp))
}

// drain waits until every frame has been read that the kernel has queued up to now. It says how many
// were lost for want of room, since the capture began.
func (t *tap) drain() (lost uint64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	stats, err := t.handle.Stats() // since the last call
	if err != nil {
		return t.lost, err
	}
	t.queued += uint64(stats.Packets - stats.Drops) // tp_packets counts both
	t.lost += uint64(stats.Drops)
	for queued := t.queued; t.frames < queued && t.failed == nil; {
		t.read.Wait()
	}
	return t.lost, t.failed
}
