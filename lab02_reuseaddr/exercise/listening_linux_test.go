package exercise_test

import (
	"errors"
	"fmt"
	"math"
	"net"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
)

// call calls ListenForRestart, while the kernel refuses some system calls. On a busy machine, one call may be slow, but not every
// call. So if a call takes long, ListenForRestart is called again.
func (r *restarts) call(refused ...refuse.Call) (got listening) {
	r.g.T().Helper()
	const (
		longest = 10 * time.Millisecond // for a few system calls
		enough  = 3 * time.Second       // for many calls
	)
	quickest := time.Duration(math.MaxInt64)
	for begun := time.Now(); ; {
		got = r.callOnce(refused)
		quickest = min(quickest, got.Took)
		if quickest < longest {
			return got
		}
		r.g.Expect(time.Since(begun) < enough, grading.Finding{
			Sentence: "at-once",
			Mistake:  "it waits, or tries again for a while",
			Expected: "a call returns at once",
			Seen:     fmt.Sprintf("the quickest of several calls takes %s; the last one returns: %v", story.Duration(quickest), got.Err.Err()),
			Read:     "lab02_reuseaddr/TestServerCallsInOrder",
		})
		if got.Err == nil && got.Unable == "" {
			r.close(got.FD)
		}
	}
}

func (r *restarts) callOnce(refused []refuse.Call) (got listening) {
	r.g.T().Helper()
	r.g.Call("ListenForRestart", 0, grading.Finding{
		Sentence: "at-once",
		Mistake:  "it tries again until the port is free, or hangs",
		Expected: "a socket, or an error, at once: TIME_WAIT lasts a minute, a connection perhaps for ever",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}, func() { got = listenForRestart.On(r.g, place{r.address, refused, r.first}) })
	r.g.Outcome(harness.Server, "ListenForRestart: descriptor %d, %v", got.FD, got.Err.Err())
	r.g.Expect(!got.Locks, grading.Finding{
		Sentence: "on-exec",
		Mistake:  "after the call, the server can't start programs any more: syscall.ForkLock is still held",
		Expected: "syscall.ForkLock is unlocked when the call returns, also if it returns an error",
		Seen:     fmt.Sprintf("syscall.ForkLock is held; the call has returned: %v", got.Err.Err()),
		Read:     "lab02_reuseaddr/TestForkedChildKeepsPort",
	})
	return got
}

// close closes a descriptor of the student's process.
func (r *restarts) close(fd int) {
	r.g.T().Helper()
	r.g.Prepare("the end of a server", func() { closeDescriptor.On(r.g, fd) })
}

// server is a server with the student's socket. Its TCPListener has a copy of the descriptor: the grader accepts the clients.
type server struct {
	*net.TCPListener
	r  *restarts
	fd int // the descriptor in the student's process
}

// end closes both descriptors of the server's socket, as the kernel does when a process ends.
func (s *server) end() {
	s.r.g.T().Helper()
	s.Close() // without the error: it may be closed already
	s.r.close(s.fd)
}

// connect connects a client to the server, and accepts the connection.
func (r *restarts) connect(s *server) (client, served *net.TCPConn) {
	r.g.T().Helper()
	client = peer.DialNoKeepalive(r.g.Experiment, s.Addr().String())
	require.NoError(r.g.T(), s.SetDeadline(time.Now().Add(grading.Patience)))
	served, err := s.AcceptTCP()
	r.g.Expect(err == nil, grading.Finding{
		Sentence: "queue",
		Mistake:  "a client connects, and can't be accepted",
		Expected: "accept returns the connection",
		Seen:     fmt.Sprint(err),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	r.g.Own(served)
	r.g.Expect(unmapped(addressOf(served.RemoteAddr())) == addressOf(client.LocalAddr()), grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "your code has connected a client of its own to the socket, and the server accepts this client first",
		Expected: "the server accepts " + client.LocalAddr().String(),
		Seen:     "it accepts " + served.RemoteAddr().String(),
	})
	r.g.Expect(!resetsOnClose(r.g.T(), served), grading.Finding{
		Sentence: "no-reset",
		Mistake:  reset,
		Expected: "an accepted connection without SO_LINGER and TCP_LINGER2",
		Seen:     "SO_LINGER with time 0, or TCP_LINGER2 below 0",
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	})
	return client, served
}

// mustListen starts a server, and judges its socket. If the server can't listen, the grading ends with the finding kept.
func (r *restarts) mustListen(who string, kept grading.Finding) *server {
	r.g.T().Helper()
	before := r.g.Holdings()
	got := r.call()
	err := got.Err.Err()
	kept.Expected = who + " listens at once"
	kept.Seen = fmt.Sprintf("%v; the kernel's table there: %s", err, inWords(socketsAt(r.g, r.address)))
	if kept.Sentence != "address" {
		if errors.Is(err, unix.EADDRINUSE) && r.last == 0 {
			kept.Mistake += ": the last server's socket does not have this lab's option"
		}
		kept.Seen += fmt.Sprintf("; SO_REUSEADDR of the last server's socket: %d", r.last)
	}
	r.g.Expect(err == nil, kept)

	file, inherited := r.take(got.FD)
	defer file.Close()
	r.judgeSocket(file)
	r.opensOne(before)
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
