package link

import (
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// Replay sends a segment that the wire has seen once more, as a network does that has delayed or
// doubled it. It is for experiments that need harness.PrivateLoopback and Wire.
func Replay(x *harness.Experiment, s wire.Segment) {
	x.T().Helper()
	tcp, err := captured(x, func(seen wire.Segment) bool { return seen == s })
	require.NoError(x.T(), err)
	require.Len(x.T(), tcp.Payload, s.Length, "the capture has cut the segment's data")
	x.Note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: "sent again: " + s.String()})
	require.NoError(x.T(), send(s, tcp, tcp.Payload))
}

// Forge sends data that nobody has sent, in a segment without options, with the sender and the
// numbers of s. The numbers count from the SYNs of its connection, as everywhere.
func Forge(x *harness.Experiment, s wire.Segment, data string) {
	x.T().Helper()
	s.Meaning, s.Length = wire.Data, len(data)
	opening := func(meaning story.Meaning) *layers.TCP {
		tcp, err := captured(x, func(seen wire.Segment) bool {
			return seen.Connection == s.Connection && seen.Meaning == meaning
		})
		require.NoError(x.T(), err)
		return tcp
	}
	from, to := opening(wire.SYN), opening(wire.SYNACK)
	if s.From == harness.Server {
		from, to = to, from
	}
	x.Note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: fmt.Sprintf("forged: %s: %q", s, data)})
	require.NoError(x.T(), send(s, &layers.TCP{
		SrcPort: from.SrcPort,
		DstPort: from.DstPort,
		Seq:     from.Seq + s.Seq,
		Ack:     to.Seq + s.Ack,
		ACK:     true,
		Window:  from.Window,
	}, []byte(data)))
}

// captured is the first segment of the experiment's that is wanted, as it stood on the wire.
func captured(x *harness.Experiment, wanted func(wire.Segment) bool) (*layers.TCP, error) {
	frame, err := wire.FrameOf(x, wanted)
	if err != nil {
		return nil, err
	}
	lazily := gopacket.DecodeOptions{Lazy: true}
	packet := gopacket.NewPacket(frame.Data, layers.LayerTypeEthernet, lazily)
	tcp, found := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !found {
		return nil, fmt.Errorf("the segment can't be read: %v", packet.ErrorLayer())
	}
	return tcp, nil
}

// send sends a segment through a raw socket, between the addresses of s: raw(7). The kernel adds the
// IP header. The checksum is made anew: on the loopback the kernel leaves it unfinished.
func send(s wire.Segment, tcp *layers.TCP, data []byte) error {
	from, to := s.Client, s.Server
	if s.From == harness.Server {
		from, to = to, from
	}
	source, destination := netip.MustParseAddrPort(from).Addr(), netip.MustParseAddrPort(to).Addr()
	network := ipHeader(source, destination)
	if err := tcp.SetNetworkLayerForChecksum(network); err != nil {
		return err
	}
	segment := gopacket.NewSerializeBuffer()
	sums := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(segment, sums, tcp, gopacket.Payload(data)); err != nil {
		return err
	}
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, rawSockaddr(source)); err != nil {
		return err
	}
	return unix.Sendto(fd, segment.Bytes(), 0, rawSockaddr(destination))
}

// ipHeader has what the checksum of TCP covers of it: RFC 9293, section 3.1.
func ipHeader(source, destination netip.Addr) gopacket.NetworkLayer {
	if source.Is6() {
		return &layers.IPv6{SrcIP: source.AsSlice(), DstIP: destination.AsSlice(), NextHeader: layers.IPProtocolTCP}
	}
	return &layers.IPv4{SrcIP: source.AsSlice(), DstIP: destination.AsSlice(), Protocol: layers.IPProtocolTCP}
}

// rawSockaddr has no port: on a raw socket there is none.
func rawSockaddr(address netip.Addr) unix.Sockaddr {
	if address.Is6() {
		return &unix.SockaddrInet6{Addr: address.As16()}
	}
	return &unix.SockaddrInet4{Addr: address.As4()}
}
