package exercise_test

import (
	"errors"
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

// acceptErrors are errors of accept(2). Three are left out, because package net handles them: it calls accept again after
// ECONNABORTED and EINTR, and waits after EAGAIN. Some of the others look as if the listener were closed.
var acceptErrors = []unix.Errno{
	unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.EPERM, unix.EPROTO, unix.EINVAL, unix.EBADF, unix.ENOTSOCK,
	unix.EOPNOTSUPP, unix.EFAULT, unix.EACCES, unix.EIO, unix.ENOSYS, unix.ENOSR, unix.ECONNRESET, unix.ETIMEDOUT, unix.ENETDOWN,
	unix.ENETUNREACH, unix.EHOSTDOWN, unix.EHOSTUNREACH, unix.ENONET, unix.ENOPROTOOPT, unix.ESHUTDOWN,
}

// failingServer is a server for which accept fails until its listener is closed.
type failingServer struct {
	*serving
	errno unix.Errno
	begun time.Time
}

// acceptFails starts a server for each of the acceptErrors. For this server, accept fails with the error.
func acceptFails(g *grading.Grader) (all []failingServer) {
	g.T().Helper()
	g.Step("%d servers start; for each, accept fails with a different error", len(acceptErrors))
	for _, errno := range acceptErrors {
		s := startRefused(g, refuse.Accept(errno))
		s.dial()
		all = append(all, failingServer{s, errno, time.Now()})
		if len(all) == 1 {
			pauses(g, all) // before many of them use all the processors
		}
	}
	pauses(g, all)
	return all
}

// pauses expects that these servers pause, which shows in the CPU time that they use.
func pauses(g *grading.Grader, all []failingServer) {
	g.T().Helper()
	// Meanwhile, the grader uses this much CPU time. See failsFor.
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
			computed = whole // with the CPU time of its other threads
		}
		g.Expect(computed < computes/2, grading.Finding{
			Sentence: "goes-on",
			Mistake:  "Serve calls accept again without a pause when accept fails",
			Expected: "it pauses, and calls accept again, until the listener is closed",
			Seen: fmt.Sprintf("when accept fails with the error %q, Serve uses %s of CPU time while the grader uses %s",
				s.errno, story.Duration(computed), story.Duration(computes)),
			Read: "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
}

// threadsOfServers has the threads of the servers to which the kernel refuses a call. The keys are the addresses of their
// listeners.
var threadsOfServers sync.Map

// onItsThread notes that the calling thread serves at an address. The goroutine stays on this thread: refuse.OnThisThread
// has locked it.
func onItsThread(address string) { threadsOfServers.Store(address, unix.Gettid()) }

// computed returns the CPU time that each of these threads has used so far: pthread_getcpuclockid(3).
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
	g.Prepare("reading the CPU time", func() { all = computed.On(g, struct{}{}) })
	return all
}

// last expects that no server has ended, although accept has failed many times, for a second. Then last closes the
// listeners.
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
				Mistake:  "Serve ends when accept fails with another error than a lack of descriptors, or fails for long",
				Expected: "it pauses, and calls accept again, until the listener is closed",
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

// asking is a client of a server for which accept has failed for long.
type asking struct {
	*serving
	client *net.TCPConn
	took   time.Duration // from the client's dial to its echo
	err    chan error    // of its request
}

// acceptsAgain lets accept succeed after it has failed for long. A client connects, and sends a request.
func (s *serving) acceptsAgain() *asking {
	s.g.T().Helper()
	s.g.Step("for one server, accept has failed all the time; now it succeeds, and a client connects")
	f := grading.Finding{
		Sentence: "goes-on",
		Mistake:  "Serve ends when accept fails for long",
		Expected: "it pauses, and calls accept again, until the listener is closed",
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	returned := s.ReturnsWithin(0)
	f.Seen = fmt.Sprintf("it has returned: %v", s.err)
	s.g.Expect(!returned, f)
	s.acceptFails(false)
	begun := time.Now()
	a := &asking{serving: s, client: s.dial(), err: make(chan error, 1)}
	go func() {
		_, err := s.ask(a.client)
		a.took = time.Since(begun)
		a.err <- err
	}()
	return a
}

// judge expects that the client was served soon.
func (a *asking) judge() {
	a.g.T().Helper()
	const soon = 2500 * time.Millisecond // on a busy machine
	err := <-a.err
	a.g.Expect(err == nil && a.took < soon, grading.Finding{
		Sentence: "goes-on",
		Mistake:  "a client waits long for a server whose accept has failed for long",
		Expected: "the client is served within 2 s after accept could succeed again",
		Seen:     fmt.Sprintf("after %s: %v", story.Duration(a.took), err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	a.stop([]*net.TCPConn{a.client})
}

// optionsFail starts a server to which the kernel refuses TCP_USER_TIMEOUT, but only on the thread that calls Serve. The
// server may serve its clients nevertheless, or drop them. At the end, it must have closed their connections.
func optionsFail(g *grading.Grader) {
	g.T().Helper()
	g.Step("a server starts; on its thread, the kernel refuses TCP_USER_TIMEOUT; two clients connect, and the listener is closed")
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

// setRefused calls the student's code while the kernel refuses a call, and tries again if the code was slow: a busy machine
// may be late.
func (s *setter) setRefused(c *conn, t times, refused refuse.Call) (got watched, took quickest) {
	s.g.T().Helper()
	for tries := 0; tries < 3 && (tries == 0 || took.took >= atOnceAtMost); tries++ {
		got = s.set(c, t, refused)
		took.see(s.last)
	}
	return got, took
}

// readsOptions calls the student's code while the kernel refuses to read options. Right code may read none. If it does, it
// returns the error, or sets its options nevertheless.
func (s *setter) readsOptions(c *conn, t times, options map[string]refusal, lost grading.Finding) {
	s.g.T().Helper()
	s.g.Step("the kernel refuses to read options")
	for _, o := range options {
		c.setOption(o.level, o.option, o.odd)
	}
	const errno = unix.ENOBUFS
	switch got := s.set(c, t, refuse.AnyGetsockopt(errno)); {
	case got.Unable != "":
		s.g.Step("this machine can't show that: %s", got.Unable)
	case got.Err == nil:
		s.check(c, t, got)
	default:
		lost.Expected = fmt.Sprintf("an error in which errors.Is finds %q", errno)
		s.g.Expect(errors.Is(got.Err.Err(), errno), wrongError(lost, got))
	}
}

// startRefused starts a server to which the kernel refuses a call.
func startRefused(g *grading.Grader, call refuse.Call) *serving {
	s := &serving{g: g, silence: 2 * time.Second}
	g.Prepare("opening a listener", func() { s.at = listen.On(g, anywhere(-1)) })
	require.NoError(g.T(), s.at.Err.Err())
	s.serve(call)
	return s
}

// isUnable reports whether the kernel can't be made to refuse a call here.
func (s *serving) isUnable() bool {
	if s.unable != "" {
		s.g.Step("this machine can't show that: %s", s.unable)
	}
	return s.unable != ""
}
