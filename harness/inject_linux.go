package harness

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/story"
)

// Replay sends a segment that the wire has seen once more, as a network does that has delayed or
// doubled it. It is for experiments that need PrivateLoopback and Wire.
func (x *Experiment) Replay(s Segment) {
	x.t.Helper()
	tcp, err := x.captured(func(seen Segment) bool { return seen == s })
	require.NoError(x.t, err)
	require.Len(x.t, tcp.Payload, s.Length, "the capture has cut the segment's data")
	x.note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: "sent again: " + s.String()})
	require.NoError(x.t, send(s, tcp, tcp.Payload))
}

// Forge sends data that nobody has sent, in a segment without options, with the sender and the
// numbers of s. The numbers count from the SYNs of its connection, as everywhere.
func (x *Experiment) Forge(s Segment, data string) {
	x.t.Helper()
	s.Meaning, s.Length = Data, len(data)
	opening := func(meaning story.Meaning) *layers.TCP {
		tcp, err := x.captured(func(seen Segment) bool {
			return seen.Connection == s.Connection && seen.Meaning == meaning
		})
		require.NoError(x.t, err)
		return tcp
	}
	from, to := opening(SYN), opening(SYNACK)
	if s.From == Server {
		from, to = to, from
	}
	x.note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: fmt.Sprintf("forged: %s: %q", s, data)})
	require.NoError(x.t, send(s, &layers.TCP{
		SrcPort: from.SrcPort,
		DstPort: from.DstPort,
		Seq:     from.Seq + s.Seq,
		Ack:     to.Seq + s.Ack,
		ACK:     true,
		Window:  from.Window,
	}, []byte(data)))
}

// captured is the first segment of the experiment's that is wanted, as it stood on the wire.
func (x *Experiment) captured(wanted func(Segment) bool) (*layers.TCP, error) {
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	i := slices.IndexFunc(x.wire.read, wanted)
	if i < 0 {
		return nil, errors.New("the wire has not seen this segment")
	}
	lazily := gopacket.DecodeOptions{Lazy: true}
	packet := gopacket.NewPacket(x.wire.frames[i].Data, layers.LayerTypeEthernet, lazily)
	tcp, found := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !found {
		return nil, fmt.Errorf("the segment can't be read: %v", packet.ErrorLayer())
	}
	return tcp, nil
}

// send sends a segment through a raw socket, between the addresses of s: raw(7). The kernel adds the
// IP header. The checksum is made anew: on the loopback the kernel leaves it unfinished.
func send(s Segment, tcp *layers.TCP, data []byte) error {
	from, to := s.Client, s.Server
	if s.From == Server {
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
	fd, err := unix.Socket(Domain(), unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
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
