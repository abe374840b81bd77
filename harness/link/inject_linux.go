package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// Replay sends a captured segment once more, like a network that has delayed or duplicated it. It is for experiments
// that need harness.PrivateLoopback and wire.Capture.
func Replay(x *harness.Experiment, s wire.Segment) {
	x.T().Helper()
	frame, err := wire.FrameOf(x, func(seen wire.Segment) bool { return seen == s })
	require.NoError(x.T(), err)
	segment := frame.TCP()
	header := int(segment[12]>>4) * 4
	require.Len(x.T(), segment[header:], s.Length, "the capture should have all of the segment's data, and has cut it")
	x.Note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: "sent again: " + s.String()})
	require.NoError(x.T(), send(s, segment, ordinaryTTL))
	x.Struck(story.StraySegment)
}

// Forge sends a segment that no socket has sent. It has the given data, no options, and the sender, the sequence number
// and the acknowledgment number of s. The numbers count from the SYNs of the connection, as in every wire.Segment.
func Forge(x *harness.Experiment, s wire.Segment, data string) {
	x.T().Helper()
	s.Meaning, s.Length = wire.Data, len(data)
	segment, err := forged(x, s, ack, data)
	require.NoError(x.T(), err)
	x.Note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: fmt.Sprintf("forged: %s: %q", s, data)})
	require.NoError(x.T(), send(s, segment, ordinaryTTL))
	x.Struck(story.StraySegment)
}

// The flags of forged segments, and the TTL of segments from an ordinary host.
const (
	rst, ack    = 1 << 2, 1 << 4
	ordinaryTTL = 64
)

// forged returns a segment without options, with the sender, the sequence number and the acknowledgment number of s.
func forged(x *harness.Experiment, s wire.Segment, flags byte, data string) ([]byte, error) {
	opening := func(meaning story.Meaning) (wire.Frame, error) {
		return wire.FrameOf(x, func(seen wire.Segment) bool {
			return seen.Connection == s.Connection && seen.Meaning == meaning
		})
	}
	from, err := opening(wire.SYN)
	if err != nil {
		return nil, err
	}
	to, err := opening(wire.SYNACK)
	if err != nil {
		return nil, err
	}
	if s.From == harness.Server {
		from, to = to, from
	}
	const header = 20 / 4 << 4
	segment := binary.BigEndian.AppendUint16(nil, from.From.Port())
	segment = binary.BigEndian.AppendUint16(segment, from.To.Port())
	segment = binary.BigEndian.AppendUint32(segment, from.Seq+s.Seq)
	segment = binary.BigEndian.AppendUint32(segment, to.Seq+s.Ack)
	segment = append(segment, header, flags)
	segment = binary.BigEndian.AppendUint16(segment, uint16(from.Window))
	segment = append(segment, 0, 0, 0, 0) // checksum, urgent pointer
	return append(segment, data...), nil
}

// send sends a segment through a raw socket, between the addresses of s: raw(7). The kernel adds the
// IP header. send computes the checksum: on the loopback the kernel leaves it unfinished.
func send(s wire.Segment, segment []byte, ttl int) error {
	from, to := s.Client, s.Server
	if s.From == harness.Server {
		from, to = to, from
	}
	source, destination := netip.MustParseAddrPort(from).Addr(), netip.MustParseAddrPort(to).Addr()
	segment = slices.Clone(segment)
	binary.BigEndian.PutUint16(segment[16:], 0)
	binary.BigEndian.PutUint16(segment[16:], checksum(source, destination, segment))
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := errors.Join(setTTL(fd, ttl), unix.Bind(fd, rawSockaddr(source))); err != nil {
		return err
	}
	return unix.Sendto(fd, segment, 0, rawSockaddr(destination))
}

// checksum is the TCP checksum, over the segment and the pseudo-header: RFC 9293, section 3.1.
func checksum(source, destination netip.Addr, segment []byte) uint16 {
	covered := append(source.AsSlice(), destination.AsSlice()...)
	covered = binary.BigEndian.AppendUint32(covered, unix.IPPROTO_TCP)
	covered = binary.BigEndian.AppendUint32(covered, uint32(len(segment)))
	return internetChecksum(append(covered, segment...))
}

// internetChecksum is the checksum that IP, TCP, UDP and ICMP use: RFC 1071.
func internetChecksum(covered []byte) uint16 {
	if len(covered)%2 != 0 {
		covered = append(covered, 0)
	}
	var sum uint32
	for word := range slices.Chunk(covered, 2) {
		sum += uint32(binary.BigEndian.Uint16(word))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// rawSockaddr has no port: raw sockets have none.
func rawSockaddr(address netip.Addr) unix.Sockaddr {
	if address.Is6() {
		return &unix.SockaddrInet6{Addr: address.As16()}
	}
	return &unix.SockaddrInet4{Addr: address.As4()}
}
