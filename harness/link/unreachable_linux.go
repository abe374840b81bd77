package link

import (
	"encoding/binary"
	"fmt"
	"net"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// Reason is why a router, or a host, can't deliver a segment or a datagram.
type Reason struct {
	By, Says     string
	code4, code6 byte // the codes of "destination unreachable": RFC 792, and RFC 4443, section 3.1
}

// The reasons that experiments use.
var (
	NoRoute = Reason{"a router", "there is no route to the network", 0, 0}
	NoHost  = Reason{"a router", "the host does not answer", 1, 3}
	NoPort  = Reason{"the host", "the port is closed", 3, 4}
)

// Unreachable sends the ICMP error "destination unreachable" to the sender of a segment, as a router on the path or the host would.
// It is for experiments that need harness.PrivateLoopback and wire.Capture.
func Unreachable(x *harness.Experiment, s wire.Segment, reason Reason) {
	x.T().Helper()
	frame, err := wire.FrameOf(x, func(seen wire.Segment) bool { return seen == s })
	require.NoError(x.T(), err)
	reject(x, reason, fmt.Sprintf("the %s's segment (%s)", s.From, s.Meaning), unix.IPPROTO_TCP, frame.Ends, frame.TCP()[:mustQuote])
}

// UnreachableDatagram sends such an ICMP error for the last datagram of a connected UDP socket.
func UnreachableDatagram(x *harness.Experiment, sender net.Conn, reason Reason) {
	x.T().Helper()
	from, to := sender.LocalAddr().(*net.UDPAddr).AddrPort(), sender.RemoteAddr().(*net.UDPAddr).AddrPort()
	header := binary.BigEndian.AppendUint16(nil, from.Port())
	header = binary.BigEndian.AppendUint16(header, to.Port())
	header = append(header, 0, mustQuote, 0, 0) // length, checksum
	reject(x, reason, fmt.Sprintf("the datagram to %v", to), unix.IPPROTO_UDP, wire.Ends{From: from, To: to}, header)
}

// mustQuote: the error must quote the IP header of the packet that can't be delivered, and at least this many bytes
// after the header. The kernel finds the socket by the ports in these bytes, and checks the TCP sequence number.
const mustQuote = 8

func reject(x *harness.Experiment, reason Reason, what string, protocol byte, ends wire.Ends, quoted []byte) {
	x.T().Helper()
	x.Note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: fmt.Sprintf("%s rejects %s: %s", reason.By, what, reason.Says)})
	var header []byte // the IP header: RFC 791, section 3.1, and RFC 8200, section 3
	message, kind := []byte{3, reason.code4, 0, 0, 0, 0, 0, 0}, unix.IPPROTO_ICMP
	if ends.From.Addr().Is6() {
		header = []byte{6 << 4, 0, 0, 0, 0, mustQuote, protocol, 1}
		message, kind = []byte{1, reason.code6, 0, 0, 0, 0, 0, 0}, unix.IPPROTO_ICMPV6
	} else {
		const ip4 = 20
		header = []byte{4<<4 | ip4/4, 0, 0, ip4 + mustQuote, 0, 0, 0, 0, 1, protocol, 0, 0}
	}
	header = append(header, ends.From.Addr().AsSlice()...)
	header = append(header, ends.To.Addr().AsSlice()...)
	message = append(append(message, header...), quoted...)
	if kind == unix.IPPROTO_ICMP { // the kernel fills in the checksum of ICMPv6
		binary.BigEndian.PutUint16(message[2:], internetChecksum(message))
	}
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_RAW|unix.SOCK_CLOEXEC, kind)
	require.NoError(x.T(), err)
	defer unix.Close(fd)
	require.NoError(x.T(), unix.Sendto(fd, message, 0, rawSockaddr(ends.From.Addr())))
	x.Struck(story.ICMPError)
}
