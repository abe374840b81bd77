package kernel

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// dumpSockets asks the kernel over netlink for its table of TCP sockets: sock_diag(7). Any user may ask for all
// sockets of the network namespace.
func dumpSockets(domain int) ([][]byte, error) {
	question := make([]byte, 56) // struct inet_diag_req_v2
	question[0], question[1] = uint8(domain), unix.IPPROTO_TCP
	const allStates = 1<<12 - 1
	binary.NativeEndian.PutUint32(question[4:], allStates)
	request := nl.NewNetlinkRequest(nl.SOCK_DIAG_BY_FAMILY, unix.NLM_F_DUMP)
	request.AddRawData(question)
	return request.Execute(unix.NETLINK_INET_DIAG, nl.SOCK_DIAG_BY_FAMILY)
}

// readSocket decodes an entry of the table: struct inet_diag_msg in sock_diag(7).
func readSocket(entry []byte) Socket {
	return Socket{
		Local:  addressIn(entry[0], entry[8:24], localPort(entry)),
		Remote: addressIn(entry[0], entry[24:40], binary.BigEndian.Uint16(entry[6:])),
		State:  socketStates[entry[1]],
		Timer:  socketTimers[entry[2]],
		Left:   time.Duration(binary.NativeEndian.Uint32(entry[52:])) * time.Millisecond,
	}
}

func localPort(entry []byte) uint16 { return binary.BigEndian.Uint16(entry[4:]) }

func addressIn(domain uint8, bytes []byte, port uint16) netip.AddrPort {
	if domain == unix.AF_INET {
		bytes = bytes[:4]
	}
	ip, _ := netip.AddrFromSlice(bytes)
	return netip.AddrPortFrom(ip.Unmap(), port)
}
