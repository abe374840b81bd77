package wire

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Frame is an Ethernet frame as it was captured, with a TCP segment in it.
type Frame struct {
	Header
	At   time.Time            // on the monotonic clock
	Info gopacket.CaptureInfo // with the time on the wall clock, and the length before it was cut
	Data []byte               // the headers, and not more of the data than a few bytes
}

// Ends are the addresses of a connection, or of a segment: from one to the other.
type Ends struct{ From, To netip.AddrPort }

// Reversed are the ends of what goes the other way.
func (e Ends) Reversed() Ends { return Ends{From: e.To, To: e.From} }

// Header is what the labs are interested in of a segment, as it stands on the wire.
type Header struct {
	Ends
	SYN, ACK, FIN, RST, PSH bool

	Seq, Ack uint32
	Window   int
	Shift    int // of the window of all later segments; it stands on a SYN; otherwise unknown
	Length   int // bytes of data
	TTL      int // or hop limit
}

// ReadHeader takes the data of a frame apart.
func ReadHeader(frame []byte) (Header, error) {
	var (
		ethernet layers.Ethernet
		ip4      layers.IPv4
		ip6      layers.IPv6
		tcp      layers.TCP
		from, to []byte
		length   int // of header and data, as IP says: the frame may be cut, or padded
		ttl      uint8
		err      error
	)
	uncut := gopacket.NilDecodeFeedback // that the data is missing is no news
	if err := ethernet.DecodeFromBytes(frame, uncut); err != nil {
		return Header{}, fmt.Errorf("wire: %w", err)
	}
	switch ethernet.EthernetType {
	case layers.EthernetTypeIPv4:
		if err = ip4.DecodeFromBytes(ethernet.Payload, uncut); err == nil {
			from, to, length = ip4.SrcIP, ip4.DstIP, int(ip4.Length)-len(ip4.Contents)
			ttl = ip4.TTL
			err = tcp.DecodeFromBytes(ip4.Payload, uncut)
		}
	case layers.EthernetTypeIPv6:
		if err = ip6.DecodeFromBytes(ethernet.Payload, uncut); err == nil {
			from, to, length = ip6.SrcIP, ip6.DstIP, int(ip6.Length)
			ttl = ip6.HopLimit
			err = tcp.DecodeFromBytes(ip6.Payload, uncut)
		}
	default:
		err = fmt.Errorf("%v is neither IPv4 nor IPv6", ethernet.EthernetType)
	}
	if err != nil {
		return Header{}, fmt.Errorf("wire: %w", err)
	}
	return Header{
		Ends: Ends{address(from, uint16(tcp.SrcPort)), address(to, uint16(tcp.DstPort))},
		SYN:  tcp.SYN, ACK: tcp.ACK, FIN: tcp.FIN, RST: tcp.RST, PSH: tcp.PSH,
		Seq:    tcp.Seq,
		Ack:    tcp.Ack,
		Window: int(tcp.Window),
		Shift:  shift(tcp.Options),
		Length: length - len(tcp.Contents),
		TTL:    int(ttl),
	}, nil
}

func address(ip []byte, port uint16) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(addr.Unmap(), port)
}

// shift is the window scale option: RFC 7323, section 2.
func shift(options []layers.TCPOption) int {
	for _, option := range options {
		if option.OptionType == layers.TCPOptionKindWindowScale && len(option.OptionData) == 1 {
			return int(option.OptionData[0])
		}
	}
	return unknown
}
