package wire

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// ring is a packet socket whose frames the kernel writes into memory that it shares with us: packet(7), and
// TPACKET_V2 in the kernel's packet_mmap documentation. Without such memory, a packet socket loses frames when every
// processor is busy with something else.
type ring struct {
	fd     int
	memory []byte
	next   int // the slot that the kernel fills next
}

// Some experiments fill all buffers. The ring has room for everything that they send while nobody reads the ring.
const (
	slotSize  = 256 // bytes for a frame, and for the kernel's header
	blockSize = 64 << 10
	blocks    = 64
	slots     = blocks * blockSize / slotSize
)

// openRing begins to capture what passes the filter on an interface. It binds the socket last, so that every frame in
// the ring has passed the filter.
func openRing(name string, filter []bpf.RawInstruction) (r *ring, err error) {
	on, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	r = &ring{}
	if r.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	defer func() {
		if err != nil {
			unix.Close(r.fd)
		}
	}()
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V2); err != nil {
		return nil, fmt.Errorf("PACKET_VERSION: %w", err)
	}
	size := unix.TpacketReq{Block_size: blockSize, Block_nr: blocks, Frame_size: slotSize, Frame_nr: slots}
	if err := unix.SetsockoptTpacketReq(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &size); err != nil {
		return nil, fmt.Errorf("PACKET_RX_RING: %w", err)
	}
	if r.memory, err = unix.Mmap(r.fd, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	program := make([]unix.SockFilter, len(filter))
	for i, f := range filter {
		program[i] = unix.SockFilter{Code: f.Op, Jt: f.Jt, Jf: f.Jf, K: f.K}
	}
	attached := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if err := unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &attached); err != nil {
		return nil, fmt.Errorf("SO_ATTACH_FILTER: %w", err)
	}
	inNetworkOrder := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	all := unix.SockaddrLinklayer{Protocol: inNetworkOrder, Ifindex: on.Index}
	if err := unix.Bind(r.fd, &all); err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	return r, nil
}

// frame is a captured frame.
type frame struct {
	at     time.Time // by the wall clock
	length int       // before the filter cut it
	data   []byte
}

// read waits for the next frame.
func (r *ring) read() (frame, error) {
	header := (*unix.Tpacket2Hdr)(unsafe.Pointer(&r.memory[r.next*slotSize]))
	for atomic.LoadUint32(&header.Status)&unix.TP_STATUS_USER == 0 {
		wait := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(wait, -1); err != nil && err != unix.EINTR {
			return frame{}, fmt.Errorf("poll: %w", err)
		}
		if wait[0].Revents&^unix.POLLIN != 0 {
			failed, err := unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
			return frame{}, fmt.Errorf("the packet socket has failed: %w (%v)", unix.Errno(failed), err)
		}
	}
	from := r.next*slotSize + int(header.Mac)
	f := frame{
		at:     time.Unix(int64(header.Sec), int64(header.Nsec)),
		length: int(header.Len),
		data:   append([]byte(nil), r.memory[from:from+int(header.Snaplen)]...),
	}
	atomic.StoreUint32(&header.Status, unix.TP_STATUS_KERNEL)
	r.next = (r.next + 1) % slots
	return f, nil
}

// drops returns how many frames were lost since its last call, because the ring was full.
func (r *ring) drops() (uint32, error) {
	stats, err := unix.GetsockoptTpacketStats(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, fmt.Errorf("PACKET_STATISTICS: %w", err)
	}
	return stats.Drops, nil
}
