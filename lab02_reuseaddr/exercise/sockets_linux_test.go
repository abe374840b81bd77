package exercise_test

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// socketsAt are the entries of the kernel's table whose own end is at an address.
func socketsAt(t *testing.T, address netip.AddrPort) (at []kernel.Socket) {
	t.Helper()
	table, err := kernel.AllSockets()
	require.NoError(t, err)
	for _, s := range table {
		if s.Local == address {
			at = append(at, s)
		}
	}
	return at
}

// tableAt is what the kernel's table has at an address, in words.
func tableAt(t *testing.T, address netip.AddrPort) string {
	t.Helper()
	return inWords(socketsAt(t, address))
}

func inWords(sockets []kernel.Socket) string {
	var lines []string
	for _, s := range sockets {
		lines = append(lines, s.String())
	}
	if lines == nil {
		return "nothing"
	}
	return strings.Join(lines, "; ")
}

// unboundSockets are the TCP sockets of this process that are bound to nothing, by their inode.
func unboundSockets(t *testing.T) map[string]bool {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	unbound := map[string]bool{}
	for _, entry := range open {
		fd, err := strconv.Atoi(entry.Name())
		require.NoError(t, err)
		protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
		if err != nil || protocol != unix.IPPROTO_TCP {
			continue // no socket, or closed since
		}
		at, err := unix.Getsockname(fd)
		if err != nil || portOf(at) != 0 {
			continue
		}
		if inode, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil {
			unbound[inode] = true
		}
	}
	return unbound
}

// closesAll waits until no socket is bound to nothing but those that were before. Experiments that run
// beside this one open sockets too, but bind or connect them.
func closesAll(t *testing.T, before map[string]bool) bool {
	t.Helper()
	suspects := unboundSockets(t)
	for inode := range before {
		delete(suspects, inode)
	}
	return eventually(func() bool {
		now := unboundSockets(t)
		for inode := range suspects {
			if now[inode] {
				return false
			}
		}
		return true
	})
}

// Both kernels together buffer a few MiB at most: tcp_wmem and tcp_rmem in tcp(7).
const moreThanBuffersHold = 32 << 20

// answerOf is an answer of n bytes, and a line feed.
func answerOf(n int) []byte {
	return append(bytes.ReplaceAll(grading.Bytes(n), []byte("\n"), []byte("?")), '\n')
}

// connect makes a client of a listener's, and gives both ends of the connection.
func connect(t *testing.T, g *grading.Grader, listener *net.TCPListener) (client, server *net.TCPConn) {
	t.Helper()
	client = peer.DialNoKeepalive(g.Experiment, listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(t, err)
	g.Own(server)
	return client, server
}

// closeInTurn ends a connection: one end closes first, and the other when it has heard of it.
func closeInTurn(t *testing.T, first, second *net.TCPConn) {
	t.Helper()
	require.NoError(t, first.Close())
	_, err := second.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, second.Close())
}

func portOf(address unix.Sockaddr) int {
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		return a.Port
	case *unix.SockaddrInet6:
		return a.Port
	}
	return 0
}

// eventually waits until something is so, but no longer than a grader does.
func eventually(so func() bool) bool {
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for begun := time.Now(); time.Since(begun) < grading.Patience; <-poll.C {
		if so() {
			return true
		}
	}
	return so()
}
