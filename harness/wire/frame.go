package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Frame is an Ethernet frame as it was captured, with a TCP segment in it.
type Frame struct {
	Header
	At    time.Time // on the monotonic clock
	Stamp time.Time // on the wall clock
	Data  []byte    // cut: the headers, and at most a few bytes of the data
	Whole int       // its length in bytes, before it was cut
}

// TCP returns the segment itself, header and data, as far as it was captured.
func (f Frame) TCP() []byte {
	p, _ := open(f.Data) // no error: ReadHeader has decoded it before
	return p.segment
}

// Ends are the two addresses of a connection, or of a segment.
type Ends struct{ From, To netip.AddrPort }

// Reversed returns the ends of a segment in the other direction.
func (e Ends) Reversed() Ends { return Ends{From: e.To, To: e.From} }

// Header has the fields of a segment that the labs use, as they are on the wire.
type Header struct {
	Ends
	SYN, ACK, FIN, RST, PSH bool

	Seq, Ack uint32
	Window   int
	Shift    int // on a SYN, the window scale for later segments; otherwise unknown
	Length   int // bytes of data
	TTL      int // or hop limit
}

// ReadHeader decodes a frame: RFC 9293, section 3.1.
func ReadHeader(frame []byte) (Header, error) {
	p, err := open(frame)
	if err != nil {
		return Header{}, err
	}
	const shortest = 20
	tcp := p.segment
	if len(tcp) < shortest {
		return Header{}, errCut
	}
	header := int(tcp[12]>>4) * 4
	if header < shortest || header > len(tcp) {
		return Header{}, errCut
	}
	port := func(at int) uint16 { return binary.BigEndian.Uint16(tcp[at:]) }
	flag := func(bit byte) bool { return tcp[13]&bit != 0 }
	return Header{
		Ends: Ends{netip.AddrPortFrom(p.from, port(0)), netip.AddrPortFrom(p.to, port(2))},
		FIN:  flag(1 << 0), SYN: flag(1 << 1), RST: flag(1 << 2), PSH: flag(1 << 3), ACK: flag(1 << 4),
		Seq:    binary.BigEndian.Uint32(tcp[4:]),
		Ack:    binary.BigEndian.Uint32(tcp[8:]),
		Window: int(binary.BigEndian.Uint16(tcp[14:])),
		Shift:  shift(tcp[shortest:header]),
		Length: p.length - header,
		TTL:    p.ttl,
	}, nil
}

// shift returns the value of the window scale option: RFC 7323, section 2.
func shift(options []byte) int {
	const end, nothing, windowScale = 0, 1, 3
	for len(options) > 0 && options[0] != end {
		if options[0] == nothing {
			options = options[1:]
			continue
		}
		if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
			break
		}
		if options[0] == windowScale && options[1] == 3 {
			return int(options[2])
		}
		options = options[options[1]:]
	}
	return unknown
}

// packet is what the IP header says about a segment.
type packet struct {
	from, to netip.Addr
	ttl      int
	length   int    // the segment's length: the frame may be cut, or padded
	segment  []byte // the segment, as far as it was captured
}

var errCut = errors.New("wire: a frame ends before its headers do")

// open decodes the headers of Ethernet and IP: RFC 791, section 3.1, and RFC 8200, section 3.
func open(frame []byte) (packet, error) {
	const ethernet, ip4, ip6 = 14, 20, 40
	if len(frame) < ethernet {
		return packet{}, errCut
	}
	ip := frame[ethernet:]
	var p packet
	var header int
	switch kind := binary.BigEndian.Uint16(frame[12:]); {
	case kind == 0x0800 && len(ip) >= ip4:
		header = int(ip[0]&0xf) * 4
		p.length = int(binary.BigEndian.Uint16(ip[2:])) - header
		p.ttl = int(ip[8])
		p.from, p.to = netip.AddrFrom4([4]byte(ip[12:])), netip.AddrFrom4([4]byte(ip[16:]))
	case kind == 0x86dd && len(ip) >= ip6:
		header = ip6
		p.length = int(binary.BigEndian.Uint16(ip[4:]))
		p.ttl = int(ip[7])
		p.from, p.to = netip.AddrFrom16([16]byte(ip[8:])).Unmap(), netip.AddrFrom16([16]byte(ip[24:])).Unmap()
	case kind == 0x0800, kind == 0x86dd:
		return packet{}, errCut
	default:
		return packet{}, fmt.Errorf("wire: Ethernet type %#04x is neither IPv4 nor IPv6", kind)
	}
	end := min(header+p.length, len(ip))
	if end < header {
		return packet{}, errCut
	}
	p.segment = ip[header:end]
	return p, nil
}
