package wire_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/wire"
)

// segment describes a segment to build, with relative sequence numbers.
type segment struct {
	server  bool // the server sends it
	flags   string
	seq     uint32 // relative
	ack     uint32
	window  uint16
	scale   byte // on a SYN
	data    int
	unheard bool
}

type captured struct {
	wire.Frame
	unheard bool
}

const clientPort, serverPort = 40001, 50001

func address(host string, port uint16) string {
	return netip.AddrPortFrom(netip.MustParseAddr(host), port).String()
}

// frames builds the segments as a capture gives them: a millisecond apart, and cut after the headers.
func frames(t *testing.T, host string, segments []segment) (frames []captured) {
	t.Helper()
	began := time.Now()
	for i, s := range segments {
		data := build(t, host, s)
		cut := data[:len(data)-s.data]
		header, err := wire.ReadHeader(cut)
		require.NoError(t, err)
		f := wire.Frame{Header: header, At: began.Add(time.Duration(i) * time.Millisecond), Stamp: began, Data: cut, Whole: len(data)}
		frames = append(frames, captured{f, s.unheard})
	}
	return frames
}

func build(t *testing.T, host string, s segment) []byte {
	t.Helper()
	tcp := &layers.TCP{
		SrcPort: clientPort, DstPort: serverPort,
		Seq: clientISN + s.seq, Ack: serverISN + s.ack, Window: s.window,
		SYN: strings.Contains(s.flags, "S"),
		FIN: strings.Contains(s.flags, "F"),
		RST: strings.Contains(s.flags, "R"),
		PSH: strings.Contains(s.flags, "P"),
		ACK: strings.Contains(s.flags, "."),
	}
	if s.server {
		tcp.SrcPort, tcp.DstPort = serverPort, clientPort
		tcp.Seq, tcp.Ack = serverISN+s.seq, clientISN+s.ack
	}
	if tcp.SYN {
		tcp.Options = []layers.TCPOption{{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{s.scale}}}
	}
	ethernet := &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6)}
	var ip interface {
		gopacket.SerializableLayer
		gopacket.NetworkLayer
	}
	if at := net.ParseIP(host); at.To4() != nil {
		ethernet.EthernetType = layers.EthernetTypeIPv4
		ip = &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: at, DstIP: at}
	} else {
		ethernet.EthernetType = layers.EthernetTypeIPv6
		ip = &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: at, DstIP: at}
	}
	require.NoError(t, tcp.SetNetworkLayerForChecksum(ip))
	buffer := gopacket.NewSerializeBuffer()
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	require.NoError(t, gopacket.SerializeLayers(buffer, options, ethernet, ip, tcp, gopacket.Payload(make([]byte, s.data))))
	return buffer.Bytes()
}
