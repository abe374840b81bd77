package harness

import (
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/story"
)

// DescriptorsAt counts the connections of a server that hold a descriptor of this process: those whose
// own address is the one given. Its listener is not among them.
func (x *Experiment) DescriptorsAt(address string) (held int) {
	x.t.Helper()
	at, err := netip.ParseAddrPort(address)
	require.NoError(x.t, err)
	held, err = descriptorsAt(at)
	require.NoError(x.t, err)
	x.noteDescriptors(held, address)
	return held
}

// AwaitDescriptorsAt waits until no more than so many connections hold one, or the limit is over, and
// counts them.
func (x *Experiment) AwaitDescriptorsAt(address string, most int, limit time.Duration) (held int) {
	x.t.Helper()
	at, err := netip.ParseAddrPort(address)
	require.NoError(x.t, err)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for begun := time.Now(); ; <-poll.C {
		held, err = descriptorsAt(at)
		require.NoError(x.t, err)
		if held <= most || time.Since(begun) > limit {
			x.noteDescriptors(held, address)
			return held
		}
	}
}

func (x *Experiment) noteDescriptors(held int, address string) {
	x.note(story.Event{Lane: story.Server, Kind: story.Check, Text: strconv.Itoa(held) + " descriptors are held at " + address})
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
		// Another goroutine may close what is in the list, or it may be no socket: no matter.
		if own, err := unix.Getsockname(fd); err != nil || addrPortOf(own) != at {
			continue
		}
		if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && listens == 0 {
			held++
		}
	}
	return held, nil
}

func addrPortOf(address unix.Sockaddr) netip.AddrPort {
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	default:
		return netip.AddrPort{}
	}
}
