package wire_test

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/wire"
)

// options has options that a kernel sends, and some that it doesn't.
var options = []layers.TCPOption{
	{OptionType: layers.TCPOptionKindNop},
	{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{0xff, 0xd7}},
	{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{9}},
	{OptionType: layers.TCPOptionKindSACKPermitted, OptionLength: 2},
	{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: []byte("\x03\x03\x07\x00abcd")},
	{OptionType: 254, OptionLength: 5, OptionData: []byte{3, 3, 7}},
}

// anyFrame has gopacket build a frame from random numbers.
func anyFrame(t *testing.T, r *rand.Rand) []byte {
	t.Helper()
	number := func() uint32 { return r.Uint32() }
	chance := func() bool { return r.IntN(2) == 0 }
	ip := func(length int) net.IP {
		address := make(net.IP, length)
		for i := range address {
			address[i] = byte(number())
		}
		return address
	}
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(number()), DstPort: layers.TCPPort(number()), Seq: number(), Ack: number(), Window: uint16(number()),
		SYN: chance(), ACK: chance(), FIN: chance(), RST: chance(), PSH: chance(), URG: chance(), ECE: chance(), CWR: chance(),
	}
	for range r.IntN(4) {
		tcp.Options = append(tcp.Options, options[r.IntN(len(options))])
	}
	ethernet := &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6), EthernetType: layers.EthernetTypeIPv6}
	var network gopacket.SerializableLayer = &layers.IPv6{
		Version: 6, TrafficClass: uint8(number()), FlowLabel: number() & 0xfffff,
		HopLimit: uint8(number()), NextHeader: layers.IPProtocolTCP, SrcIP: ip(16), DstIP: ip(16),
	}
	if chance() {
		ethernet.EthernetType = layers.EthernetTypeIPv4
		ip4 := &layers.IPv4{Version: 4, TOS: uint8(number()), TTL: uint8(number()), Protocol: layers.IPProtocolTCP, SrcIP: ip(4), DstIP: ip(4)}
		if chance() {
			ip4.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}}
		}
		network = ip4
	}
	buffer := gopacket.NewSerializeBuffer()
	fixed := gopacket.SerializeOptions{FixLengths: true}
	require.NoError(t, gopacket.SerializeLayers(buffer, fixed, ethernet, network, tcp, gopacket.Payload(make([]byte, r.IntN(50)))))
	return append(buffer.Bytes(), make([]byte, r.IntN(3))...) // short frames are padded
}

// readByGopacket returns what we should read from a frame: the header, and the whole segment.
func readByGopacket(t *testing.T, frame []byte) (wire.Header, []byte) {
	t.Helper()
	packet := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	require.Nil(t, packet.ErrorLayer())
	tcp := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	var ttl uint8
	switch ip := packet.NetworkLayer().(type) {
	case *layers.IPv4:
		ttl = ip.TTL
	case *layers.IPv6:
		ttl = ip.HopLimit
	}
	ends := packet.NetworkLayer().NetworkFlow()
	end := func(e gopacket.Endpoint, port layers.TCPPort) netip.AddrPort {
		address, _ := netip.AddrFromSlice(e.Raw())
		return netip.AddrPortFrom(address.Unmap(), uint16(port))
	}
	h := wire.Header{
		Ends: wire.Ends{From: end(ends.Src(), tcp.SrcPort), To: end(ends.Dst(), tcp.DstPort)},
		SYN:  tcp.SYN, ACK: tcp.ACK, FIN: tcp.FIN, RST: tcp.RST, PSH: tcp.PSH,
		Seq: tcp.Seq, Ack: tcp.Ack, Window: int(tcp.Window), Shift: -1, Length: len(tcp.Payload), TTL: int(ttl),
	}
	for _, o := range tcp.Options {
		if o.OptionType == layers.TCPOptionKindWindowScale {
			h.Shift = int(o.OptionData[0])
		}
	}
	return h, append(tcp.Contents, tcp.Payload...)
}

func TestHeadersAreReadAsGopacketReadsThem(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		frame := anyFrame(t, r)
		got, err := wire.ReadHeader(frame)
		require.NoError(t, err)
		want, segment := readByGopacket(t, frame)
		require.Empty(t, cmp.Diff(want, got, cmpopts.EquateComparable(netip.AddrPort{})), "% x (-gopacket +ours)", frame)
		require.Equal(t, segment, wire.Frame{Data: frame}.TCP())
	}
}

// The capture cuts frames. A cut frame has the same header if the header is complete, and otherwise none.
func TestCutFrameHasTheSameHeaderOrNone(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		frame := anyFrame(t, r)
		whole, err := wire.ReadHeader(frame)
		require.NoError(t, err)
		read := 0
		for length := range frame {
			if got, err := wire.ReadHeader(frame[:length]); err == nil {
				read++
				assert.Equal(t, whole, got)
			}
		}
		assert.GreaterOrEqual(t, read, whole.Length)
		assert.LessOrEqual(t, read, len(frame)-14-20-20, "no header should be read from less than the headers of Ethernet, IP and TCP")
	}
}

func TestWhatIsNoFrameIsNoSegment(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		frame := anyFrame(t, r)
		for range 3 {
			frame[12+r.IntN(len(frame)-12)] = byte(r.Uint32())
		}
		if got, err := wire.ReadHeader(frame); err == nil {
			assert.GreaterOrEqual(t, got.Length, 0)
		}
	}
	_, err := wire.ReadHeader(append(make([]byte, 12), 8, 6, 0, 1)) // ARP
	assert.ErrorContains(t, err, "0x0806")
}

func TestPcapngIsReadByGopacket(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	stamp := time.Date(2026, 2, 3, 4, 5, 6, 789012345, time.UTC)
	var frames []wire.Frame
	comments := []string{"SYN", "data: ü", "", "abcd"}
	for i := range comments {
		data := anyFrame(t, r)
		frames = append(frames, wire.Frame{Stamp: stamp.Add(time.Duration(i)), Data: data[:len(data)-i], Whole: len(data)})
	}
	var file bytes.Buffer
	require.NoError(t, wire.WritePcapng(&file, "TestX", frames, comments))

	reader, err := pcapgo.NewNgReader(&file, pcapgo.DefaultNgReaderOptions)
	require.NoError(t, err)
	assert.Equal(t, "TestX", reader.SectionInfo().Comment)
	assert.Equal(t, layers.LinkTypeEthernet, reader.LinkType())
	for i, f := range frames {
		data, info, options, err := reader.ReadPacketDataWithOptions()
		require.NoError(t, err)
		assert.Equal(t, f.Data, data)
		assert.Equal(t, f.Stamp, info.Timestamp.UTC())
		assert.Equal(t, f.Whole, info.Length)
		assert.Equal(t, []string{comments[i]}, options.Comments)
	}
	loopback, err := reader.Interface(0)
	require.NoError(t, err)
	assert.Equal(t, "lo", loopback.Name)
	_, _, err = reader.ReadPacketData()
	assert.Error(t, err)
}
