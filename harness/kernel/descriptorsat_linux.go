package kernel

import (
	"net/netip"
	"os"
	"strconv"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
	"socketlabs/harness/story"
)

// DescriptorsAt counts the descriptors that this process holds for a server's connections: sockets whose
// local address is the given one. It does not count the server's listener.
func DescriptorsAt(x *harness.Experiment, address string) (held int) {
	x.T().Helper()
	at, err := netip.ParseAddrPort(address)
	require.NoError(x.T(), err)
	held, err = descriptorsAt(at)
	require.NoError(x.T(), err)
	x.Note(story.Event{Lane: story.Server, Kind: story.Check, Text: strconv.Itoa(held) + " descriptors are held at " + address})
	return held
}

func descriptorsAt(at netip.AddrPort) (held int, err error) {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0, err
	}
	for _, entry := range open {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil {
			return 0, err
		}
		// A listed descriptor may not be a socket, or another goroutine may have closed it: skip it.
		if own, err := unix.Getsockname(fd); err != nil || socket.AddrPort(own) != at {
			continue
		}
		// A UDP socket may have the same address: its ports are not TCP's.
		if kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil || kind != unix.SOCK_STREAM {
			continue
		}
		if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && listens == 0 {
			held++
		}
	}
	return held, nil
}
