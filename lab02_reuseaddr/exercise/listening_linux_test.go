package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
)

// call lets the student's code listen, while the kernel refuses some calls.
func (r *restarts) call(refused ...refuse.Call) (got listening) {
	r.g.T().Helper()
	r.g.Call("ListenForRestart", 0, grading.Finding{
		Sentence: "at-once",
		Mistake:  "it tries again until the port is free, or hangs",
		Expected: "a socket, or an error, at once: TIME_WAIT lasts a minute, a connection perhaps for ever",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}, func() {
		begun := time.Now()
		got = listenForRestart.On(r.g, place{r.address, refused})
		r.took.last = time.Since(begun)
	})
	r.g.Outcome(harness.Server, "ListenForRestart: descriptor %d, %v", got.FD, got.Err.Err())
	return got
}

// durations are how long the quickest calls took. One call may be slow on a busy machine, and not all.
type durations struct {
	last, success, failure time.Duration
}

func (d *durations) succeeded() { d.success = quicker(d.success, d.last) }
func (d *durations) failed()    { d.failure = quicker(d.failure, d.last) }

func quicker(so, now time.Duration) time.Duration {
	if so == 0 {
		return now
	}
	return min(so, now)
}

// neverWaits looks at the quickest calls.
func (r *restarts) neverWaits() {
	const longest = 100 * time.Millisecond // for a few system calls
	for what, took := range map[string]time.Duration{"a call that succeeds": r.took.success, "a call that fails": r.took.failure} {
		r.g.Expect(took < longest, grading.Finding{
			Sentence: "at-once",
			Mistake:  "it waits, or tries again for a while",
			Expected: what + " takes no time",
			Seen:     "the quickest of several took " + story.Duration(took),
			Read:     "lab02_reuseaddr/TestServerCallsInOrder",
		})
	}
}

// server is one that listens with the student's socket. The grader has a copy of the descriptor, to accept by.
type server struct {
	*net.TCPListener
	r  *restarts
	fd int // the student's
}

// end ends the server, as the end of its process does.
func (s *server) end() {
	s.r.g.T().Helper()
	s.Close() // again, perhaps
	s.r.g.Prepare("the end of a server", func() { closeDescriptor.On(s.r.g, s.fd) })
}

// connect makes a client of a server's, which accepts it.
func (r *restarts) connect(s *server) (client, served *net.TCPConn) {
	r.g.T().Helper()
	client = peer.DialNoKeepalive(r.g.Experiment, s.Addr().String())
	require.NoError(r.g.T(), s.SetDeadline(time.Now().Add(grading.Patience)))
	served, err := s.AcceptTCP()
	r.g.Expect(err == nil, grading.Finding{
		Sentence: "address",
		Mistake:  "a client connects, and can't be accepted",
		Expected: "accept returns the connection",
		Seen:     fmt.Sprint(err),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	r.g.Own(served)
	return client, served
}

// mustListen starts a server, which nothing may keep from its address. If something does, the finding
// says what.
func (r *restarts) mustListen(who string, kept grading.Finding) *server {
	r.g.T().Helper()
	got := r.call()
	r.took.succeeded()
	err := got.Err.Err()
	kept.Expected = who + " has the address at once"
	kept.Seen = fmt.Sprintf("%v; the kernel's table there: %s", err, inWords(socketsAt(r.g, r.address)))
	if errors.Is(err, unix.EADDRINUSE) && r.last == 0 {
		kept.Mistake += ": the sockets do without this lab's option"
	}
	kept.Seen += fmt.Sprintf("; SO_REUSEADDR of the last server's socket: %d", r.last)
	r.g.Expect(err == nil, kept)

	file, inherited := r.take(got.FD)
	defer file.Close()
	r.judgeSocket(file)
	r.g.Expect(!inherited, grading.Finding{
		Sentence: "on-exec",
		Mistake:  "a program that the server starts inherits the descriptor: it holds the port when the server is gone",
		Expected: "a socket that is closed when a program is executed",
		Seen:     "FD_CLOEXEC is not set",
		Read:     "lab02_reuseaddr/TestForkedChildKeepsPort",
	})
	opened, err := net.FileListener(file)
	require.NoError(r.g.T(), err)
	r.g.Own(opened)
	return &server{opened.(*net.TCPListener), r, got.FD}
}

// take is a copy of the descriptor that the student's code has returned.
func (r *restarts) take(fd int) (file *os.File, inherited bool) {
	r.g.T().Helper()
	var given descriptor
	r.g.Prepare("handing the descriptor over", func() { given = giveDescriptor.On(r.g, fd) })
	r.g.Expect(given.Err == nil, grading.Finding{
		Sentence: "address",
		Mistake:  "what is returned is no socket",
		Expected: "the descriptor of a listening socket, that ListenForRestart has opened",
		Seen:     fmt.Sprintf("descriptor %d: %v", fd, given.Err.Err()),
	})
	file, err := r.g.Take()
	require.NoError(r.g.T(), err)
	return file, given.Inherited
}

// judgeSocket looks at the kernel's side of the student's socket.
func (r *restarts) judgeSocket(file *os.File) {
	r.g.T().Helper()
	var protocol, listens int
	var at unix.Sockaddr
	queue := new(unix.TCPInfo)
	raw, err := file.SyscallConn()
	require.NoError(r.g.T(), err)
	require.NoError(r.g.T(), raw.Control(func(fd uintptr) {
		protocol, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PROTOCOL)
		listens, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
		r.last, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR)
		at, _ = unix.Getsockname(int(fd))
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			queue = info
		}
	}))
	r.g.Expect(protocol == unix.IPPROTO_TCP && listens == 1, grading.Finding{
		Sentence: "address",
		Mistake:  "the socket does not listen",
		Expected: "a socket of TCP that clients can connect to",
		Seen:     fmt.Sprintf("SO_PROTOCOL is %d, and SO_ACCEPTCONN is %d: who connects is refused", protocol, listens),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	r.g.Expect(placeOf(at) == r.address, grading.Finding{
		Sentence: "address",
		Mistake:  "the socket listens at another address",
		Expected: r.address.String(),
		Seen:     placeOf(at).String(),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	// Of a socket that listens, this field has the longest queue: tcp_get_info() in net/ipv4/tcp.c. The kernel admits
	// one client more.
	most := int(queue.Sacked) + 1
	r.g.Expect(most >= fifty, grading.Finding{
		Sentence: "queue",
		Mistake:  "the queue of clients that wait is too short",
		Expected: fmt.Sprintf("%d clients are connected at a time before the server accepts one", fifty),
		Seen:     story.Count(most, "client"),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
}

const fifty = 50
