package exercise_test

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// take returns a copy of the descriptor that the student's code has returned.
func (r *restarts) take(fd int) (file *os.File, inherited bool) {
	r.g.T().Helper()
	given := r.give(fd)
	r.g.Expect(given.Err == nil, grading.Finding{
		Sentence: "address",
		Mistake:  "what is returned is no socket",
		Expected: "the descriptor of a listening socket that ListenForRestart has opened",
		Seen:     fmt.Sprintf("descriptor %d: %v", fd, given.Err.Err()),
	})
	file, err := r.g.Take()
	require.NoError(r.g.T(), err)
	return file, given.Inherited
}

func (r *restarts) give(fd int) (given descriptor) {
	r.g.T().Helper()
	r.g.Prepare("handing the descriptor over", func() { given = giveDescriptor.On(r.g, fd) })
	return given
}

// opensOne checks that a call leaves only one new descriptor open, and that a garbage collection does not close it.
func (r *restarts) opensOne(before grading.Holdings) {
	r.g.T().Helper()
	var open map[string]string
	eventually(func() bool { open = r.opened(before); return len(open) <= 1 })
	r.g.Expect(len(open) <= 1, grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "besides the descriptor that is returned, another is open: it can hold the port",
		Expected: "one new descriptor",
		Seen:     inOrder(open),
		Read:     "lab02_reuseaddr/TestForkedChildKeepsPort",
	})
	r.g.Prepare("a garbage collection", func() { collectGarbage.On(r.g, struct{}{}) })
	r.g.Expect(maps.Equal(r.opened(before), open), grading.Finding{
		Sentence: "address",
		Mistake:  "a garbage collection closes the descriptor: it belongs to a file or a listener that nobody refers to any more",
		Expected: "a descriptor that is open until the server closes it",
		Seen:     "open before the garbage collection: " + inOrder(open) + "; after it: " + inOrder(r.opened(before)),
	})
}

// opened returns the new descriptors, each with what it refers to.
func (r *restarts) opened(before grading.Holdings) map[string]string {
	r.g.T().Helper()
	now := r.g.Holdings().Descriptors
	maps.DeleteFunc(now, func(fd, socket string) bool { return before.Descriptors[fd] == socket })
	return now
}

func inOrder(open map[string]string) string {
	if len(open) == 0 {
		return "nothing"
	}
	return strings.Join(slices.Sorted(maps.Values(open)), ", ")
}

// listener is what the kernel says of the student's socket.
type listener struct {
	at                        netip.AddrPort
	device                    string // SO_BINDTODEVICE; empty if the socket is bound to no device
	protocol, listens, reuses int    // SO_PROTOCOL, SO_ACCEPTCONN, SO_REUSEADDR
	defers                    int    // TCP_DEFER_ACCEPT: for so many seconds, a client that sends nothing can't be accepted
	most                      int    // how many clients can be connected and wait for accept
}

func listenerOf(t require.TestingT, file *os.File) (l listener) {
	onDescriptor(t, file, func(fd int) {
		l.protocol, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
		l.listens, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
		l.reuses, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR)
		l.defers, _ = unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT)
		if at, err := unix.Getsockname(fd); err == nil {
			l.at = unmapped(fromSockaddr(at))
		}
		l.device, _ = unix.GetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE)
		// If a socket listens, this field is the limit of its queue: tcp_get_info() in net/ipv4/tcp.c. The kernel lets the
		// queue grow to one client more than the limit.
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			l.most = int(info.Sacked) + 1
		}
	})
	return l
}

// resetsOnClose reports whether a connection has SO_LINGER with time 0, or TCP_LINGER2 below 0. With TCP_LINGER2 below 0, the
// kernel does not wait for the client's FIN after a close: it resets the connection.
func resetsOnClose(t require.TestingT, conn *net.TCPConn) (resets bool) {
	onDescriptor(t, conn, func(fd int) {
		linger, err := unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER)
		resets = err == nil && linger.Onoff != 0 && linger.Linger == 0
		wait, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_LINGER2)
		resets = resets || err == nil && wait < 0
	})
	return resets
}

func onDescriptor(t require.TestingT, of syscall.Conn, do func(fd int)) {
	raw, err := of.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) { do(int(fd)) }))
}

// judgeSocket judges what the kernel says of the student's socket.
func (r *restarts) judgeSocket(file *os.File) {
	r.g.T().Helper()
	l := listenerOf(r.g.T(), file)
	r.last = l.reuses
	r.g.Expect((l.protocol == unix.IPPROTO_TCP || l.protocol == unix.IPPROTO_MPTCP) && l.listens == 1, grading.Finding{
		Sentence: "address",
		Mistake:  "the socket does not listen",
		Expected: "a socket of TCP that clients can connect to",
		Seen:     fmt.Sprintf("SO_PROTOCOL is %d, and SO_ACCEPTCONN is %d: the kernel refuses clients", l.protocol, l.listens),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	r.g.Expect(l.at == r.address, grading.Finding{
		Sentence: "address",
		Mistake:  "the socket listens at another address",
		Expected: r.address.String(),
		Seen:     l.at.String(),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	r.g.Expect(l.device == "", grading.Finding{
		Sentence: "address",
		Mistake:  "the socket is bound to a network device: a client that comes by another device can't connect",
		Expected: "a socket without SO_BINDTODEVICE",
		Seen:     "it is bound to " + l.device,
	})
	r.g.Expect(l.defers == 0, grading.Finding{
		Sentence: "queue",
		Mistake:  "a client connects, and can't be accepted before it sends something",
		Expected: "a socket without TCP_DEFER_ACCEPT",
		Seen:     fmt.Sprintf("TCP_DEFER_ACCEPT is %d s", l.defers),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	r.g.Expect(l.most >= fifty, grading.Finding{
		Sentence: "queue",
		Mistake:  "the queue of clients that wait for accept is too short",
		Expected: fmt.Sprintf("%d clients can be connected before the server accepts the first of them", fifty),
		Seen:     story.Count(l.most, "client") + " at most",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
}

const fifty = 50
