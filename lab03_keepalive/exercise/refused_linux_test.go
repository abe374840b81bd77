package exercise_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
)

// acceptErrors are errors of accept(2). Package net itself goes on after ECONNABORTED and EINTR, and waits after EAGAIN. Some
// could be taken for the end of the listener.
var acceptErrors = []unix.Errno{
	unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.EPERM, unix.EPROTO, unix.EINVAL, unix.EBADF, unix.ENOTSOCK,
	unix.EOPNOTSUPP, unix.EFAULT, unix.EACCES, unix.EIO, unix.ENOSYS, unix.ENOSR, unix.ECONNRESET, unix.ETIMEDOUT, unix.ENETDOWN,
	unix.ENETUNREACH, unix.EHOSTDOWN, unix.EHOSTUNREACH, unix.ENONET, unix.ENOPROTOOPT, unix.ESHUTDOWN,
}

// failingServer is one for which accept fails, until its listener is closed.
type failingServer struct {
	*serving
	errno unix.Errno
	begun time.Time
}

// acceptFails starts a server for each of these errors, for which accept fails.
func acceptFails(g *grading.Grader) (all []failingServer) {
	g.T().Helper()
	g.Step("%d servers begin, and accept fails, for each by another error", len(acceptErrors))
	for _, errno := range acceptErrors {
		s := startRefused(g, refuse.Accept(errno))
		s.dial()
		all = append(all, failingServer{s, errno, time.Now()})
		if len(all) == 1 {
			pauses(g, all) // before many of them take all that the processors can compute
		}
	}
	pauses(g, all)
	return all
}

// pauses expects that these servers compute little.
func pauses(g *grading.Grader, all []failingServer) {
	g.T().Helper()
	// Meanwhile the grader computes for as long as this. See failsFor.
	const computes = 60 * time.Millisecond
	before, whole := computedBy(g), all[0].computed()
	grading.Compute(computes)
	whole = all[0].computed() - whole
	after := computedBy(g)
	for _, s := range all {
		if _, known := before[s.at.Address]; !known {
			continue
		}
		computed := after[s.at.Address] - before[s.at.Address]
		if len(all) == 1 {
			computed = whole // of its other threads, too
		}
		g.Expect(computed < computes/2, grading.Finding{
			Sentence: "goes-on",
			Mistake:  "Serve asks for the next client without a pause when accept fails",
			Expected: "it waits a moment, and accepts again, until the listener is closed",
			Seen: fmt.Sprintf("when accept fails by the error %q, it computes for %s, where the grader can compute for %s",
				s.errno, story.Duration(computed), story.Duration(computes)),
			Read: "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
}

// threadsOfServers are those for which the kernel refuses something, by the addresses of their listeners.
var threadsOfServers sync.Map

// onItsThread notes the thread that serves at an address. Its calls are refused, so the goroutine stays there.
func onItsThread(address string) { threadsOfServers.Store(address, unix.Gettid()) }

// computed is how long each of these threads has computed so far: clock_getcpuclockid(3) has the clock.
var computed = grading.Export("computed", func(struct{}) map[string]time.Duration {
	all := make(map[string]time.Duration)
	threadsOfServers.Range(func(address, thread any) bool {
		const ofThread = 4 | 2 // CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED in the kernel
		var is unix.Timespec
		if unix.ClockGettime(int32(^thread.(int)<<3|ofThread), &is) == nil {
			all[address.(string)] = time.Duration(is.Nano())
		}
		return true
	})
	return all
})

func computedBy(g *grading.Grader) (all map[string]time.Duration) {
	g.T().Helper()
	g.Prepare("the time", func() { all = computed.On(g, struct{}{}) })
	return all
}

// last: accept has failed for so long that many attempts were made. Then the listeners are closed.
func last(g *grading.Grader, all []failingServer) {
	g.T().Helper()
	const long = time.Second
	for _, s := range all {
		if s.ReturnsWithin(time.Until(s.begun.Add(long))) {
			s.Wait(0, grading.Finding{}) // it may have panicked
			if s.isUnable() {
				return
			}
			s.g.Expect(false, grading.Finding{
				Sentence: "goes-on",
				Mistake:  "Serve ends when accept fails by another error than a lack of descriptors, or for long",
				Expected: "it waits a moment, and accepts again, until the listener is closed",
				Seen:     fmt.Sprintf("it has returned: %v", s.err),
				Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
			})
		}
	}
	for _, s := range all {
		s.closeListener()
	}
	for _, s := range all {
		s.isOver()
	}
}

// optionsFail: for a server of its own, no option can be set at a connection, if it is where accept is called that it sets
// them. Whether it serves such a client is its own affair.
func optionsFail(g *grading.Grader) {
	g.T().Helper()
	g.Step("a server begins, and the options of connections can't be set; two clients come, and the listener is closed")
	s := startRefused(g, refuse.Setsockopt(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, unix.EPERM))
	clients := []*net.TCPConn{s.dial(), s.dial()}
	for _, client := range clients {
		if !s.ReturnsWithin(0) {
			io.WriteString(client, "?")
			client.SetReadDeadline(time.Now().Add(time.Second)) // more than it takes to answer, or to close
			client.Read(make([]byte, 1))
		} else if s.isUnable() {
			return
		}
	}
	s.close()
	s.ends(clients).judge()
}

// startRefused starts a server to which the kernel refuses something.
func startRefused(g *grading.Grader, call refuse.Call) *serving {
	s := &serving{g: g, silence: 2 * time.Second}
	g.Prepare("a listener", func() { s.at = listen.On(g, anywhere(-1)) })
	require.NoError(g.T(), s.at.Err.Err())
	s.serve(call)
	return s
}

// isUnable reports whether nothing can be refused here.
func (s *serving) isUnable() bool {
	if s.unable != "" {
		s.g.Step("that can't be shown here: %s", s.unable)
	}
	return s.unable != ""
}
