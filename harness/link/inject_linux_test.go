package link

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/stretchr/testify/require"
)

func TestChecksumIsGopackets(t *testing.T) {
	t.Parallel()
	check := func(source, destination string, seq uint32, data string) {
		from, to := netip.MustParseAddr(source), netip.MustParseAddr(destination)
		tcp := &layers.TCP{SrcPort: 40001, DstPort: 50001, Seq: seq, Ack: 7, ACK: true, Window: 0xffff}
		var network gopacket.NetworkLayer = &layers.IPv4{SrcIP: from.AsSlice(), DstIP: to.AsSlice(), Protocol: layers.IPProtocolTCP}
		if from.Is6() {
			network = &layers.IPv6{SrcIP: from.AsSlice(), DstIP: to.AsSlice(), NextHeader: layers.IPProtocolTCP}
		}
		require.NoError(t, tcp.SetNetworkLayerForChecksum(network))
		buffer := gopacket.NewSerializeBuffer()
		sums := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
		require.NoError(t, gopacket.SerializeLayers(buffer, sums, tcp, gopacket.Payload(data)))
		segment := buffer.Bytes()
		want := binary.BigEndian.Uint16(segment[16:])
		binary.BigEndian.PutUint16(segment[16:], 0)
		require.Equal(t, want, checksum(from, to, segment), "from %s to %s, seq %d, %q", from, to, seq, data)
	}
	for _, data := range []string{"", "odd", "even"} {
		check("127.0.0.1", "127.255.0.254", 1, data)
		check("::1", "fe80::ffff:ffff:ffff:ffff", 1<<31, data)
	}
	for seq := range uint32(1 << 16) { // adding a carry may give another carry
		check("127.0.0.1", "127.0.0.2", seq, "data")
	}
}
