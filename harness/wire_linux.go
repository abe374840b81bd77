package harness

import (
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// claimDescriptor makes the segments of a raw socket part of the story, as soon as it has an address.
func (x *Experiment) claimDescriptor(fd int) {
	if x.wire == nil {
		return
	}
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	x.wire.descriptors = append(x.wire.descriptors, func() (local, remote netip.AddrPort) { return ends(fd) })
}

// vanished notes that from now on one end hears nothing.
func (x *Experiment) vanished(peer syscall.Conn) {
	if x.wire == nil {
		return
	}
	s := silence{of: peer, begun: time.Now()}
	onDescriptor(peer, func(fd int) error { s.local, s.remote = ends(fd); return nil })
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	x.wire.silences = append(x.wire.silences, s)
}

// returned notes that one end hears again.
func (x *Experiment) returned(peer syscall.Conn) {
	if x.wire == nil {
		return
	}
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	for i, s := range x.wire.silences {
		if s.of == peer && s.over.IsZero() {
			x.wire.silences[i].over = time.Now()
		}
	}
}

// ends asks the kernel for a socket's addresses; what it does not have is invalid.
func ends(fd int) (local, remote netip.AddrPort) {
	if at, err := unix.Getsockname(fd); err == nil {
		local = fromSockaddr(at)
	}
	if at, err := unix.Getpeername(fd); err == nil {
		remote = fromSockaddr(at)
	}
	return local, remote
}

func fromSockaddr(at unix.Sockaddr) netip.AddrPort {
	switch at := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(at.Addr).Unmap(), uint16(at.Port))
	}
	return netip.AddrPort{}
}
