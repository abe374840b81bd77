package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
)

// The functions of this file open other listeners beside the student's, or call the student's code twice at the same time.

// loopbackOf4 returns a random address of 127.0.0.0/8, but none of 127.0.0.0/16.
func loopbackOf4() netip.Addr {
	return netip.AddrFrom4([4]byte{127, byte(1 + rand.IntN(200)), byte(rand.IntN(250)), byte(1 + rand.IntN(250))})
}

// beside opens a listener of the grader's process at the same port of another address.
func (r *restarts) beside() {
	r.g.T().Helper()
	r.listen(netip.AddrPortFrom(loopbackOf4(), r.address.Port()))
}

// another opens a listener at the address before the student's code does: first in the grader's process, and then in the
// student's, so that it has the same user.
func (r *restarts) another() {
	r.g.T().Helper()
	r.g.Step("another program listens at %v; its socket has SO_REUSEADDR and SO_REUSEPORT, and it accepts no client", r.address)
	if other := r.listen(r.address); other != nil {
		if peer.UnansweredConnects.Missing() == "" {
			peer.FillBacklog(r.g.Experiment, other)
		}
		r.refuseSecond()
		require.NoError(r.g.T(), other.Close())
	}
	r.g.Step("a socket of the server's own user listens at %v, with the same options", r.address)
	var same descriptor
	r.g.Prepare("a listener", func() { same = listenBeside.On(r.g, r.address) })
	if same.Err == nil {
		r.refuseSecond()
		r.close(same.FD)
	}
}

// listen opens a listener with SO_REUSEPORT in the grader's process. (Go sets SO_REUSEADDR.) It returns nil if the port is in use.
func (r *restarts) listen(at netip.AddrPort) *net.TCPListener {
	r.g.T().Helper()
	config := net.ListenConfig{KeepAlive: -1, Control: func(_, _ string, raw syscall.RawConn) (err error) {
		raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		return err
	}}
	config.SetMultipathTCP(false)
	opened, err := config.Listen(r.g.T().Context(), "tcp", at.String())
	if errors.Is(err, unix.EADDRINUSE) {
		return nil
	}
	require.NoError(r.g.T(), err)
	r.g.Own(opened)
	return opened.(*net.TCPListener)
}

// callsConcurrently lets two goroutines call ListenForRestart at the same time: the second call is made each time the first one
// makes a system call. At last, it is made when the first one calls listen: by then, all that the first one has checked is over.
func (r *restarts) callsConcurrently(host netip.Addr) {
	r.g.T().Helper()
	free, alsoFree, taken := r.freeAt(host), r.freeAt(host), r.freeAt(host)
	if other := r.listen(taken); other != nil {
		defer other.Close()
	}
	for _, i := range []interruption{
		{free, alsoFree, false}, {free, taken, false}, {taken, free, false}, {free, free, false}, {free, free, true},
	} {
		when := "at any time"
		if i.AtListen {
			when = "before the first calls listen"
		}
		r.g.Step("a goroutine calls ListenForRestart(%v), and another one, %s, ListenForRestart(%v); %v has a listener",
			i.Address, when, i.Others, taken)
		var all interrupted
		r.g.Call("ListenForRestart", 0, grading.Finding{
			Sentence: "goroutines",
			Mistake:  "it hangs when two goroutines call it",
			Expected: "both calls return at once",
		}, func() { all = listenInterrupted.On(r.g, i) })
		if all.Unable != "" {
			r.g.Step("that can't be shown here: %s", all.Unable)
			return
		}
		r.g.Expect(!all.Inherited, grading.Finding{
			Sentence: "on-exec",
			Mistake:  "a program that another goroutine starts during the call inherits the descriptor",
			Expected: "a socket that is opened with SOCK_CLOEXEC",
			Seen:     "between two system calls of ListenForRestart, a TCP socket is open without FD_CLOEXEC, and syscall.ForkLock is not held",
			Read:     "lab02_reuseaddr/TestForkedChildKeepsPort",
		})
		r.judgeBoth(i, all, taken)
	}
}

func (r *restarts) freeAt(host netip.Addr) netip.AddrPort {
	r.g.T().Helper()
	return peer.ReservedAddressAt(r.g.Experiment, host)
}

// judgeBoth judges what the first call and the other calls have returned.
func (r *restarts) judgeBoth(i interruption, all interrupted, taken netip.AddrPort) {
	r.g.T().Helper()
	f := grading.Finding{Sentence: "goroutines", Mistake: closedTwice}
	f.Expected, f.Seen = "the other call's socket stays open", "it is closed when the first call returns"
	r.g.Expect(!all.Lost, f)
	f.Mistake = "two calls at the same time disturb each other"
	if all.Err == nil && i.Address != taken {
		file, _ := r.take(all.FD)
		defer file.Close()
		f.Expected = "the first call's socket listens at " + i.Address.String()
		f.Seen = "it is at " + listenerOf(r.g.T(), file).at.String()
		r.g.Expect(listenerOf(r.g.T(), file).at == i.Address, f)
	}
	successes := 0
	judge := func(got listening, which string, at netip.AddrPort) {
		r.g.T().Helper()
		err := got.Err.Err()
		f.Expected = fmt.Sprintf("the %s call listens at %v, which is free", which, at)
		f.Seen = fmt.Sprintf("it returns descriptor %d, and: %v", got.FD, err)
		ok := err == nil
		switch {
		case at == taken:
			f.Expected = fmt.Sprintf("the %s call fails: %v has a listener", which, at)
			ok = errors.Is(err, unix.EADDRINUSE)
		case i.Address == i.Others && err != nil: // both can fail, if each binds before the other listens
			f.Expected = "a call that fails because the other has the port returns EADDRINUSE"
			ok = errors.Is(err, unix.EADDRINUSE)
		case err == nil:
			successes++
		}
		r.g.Expect(ok, f)
	}
	judge(all.listening, "first", i.Address)
	for _, other := range all.Others {
		judge(other, "second", i.Others)
	}
	if i.Address == i.Others {
		f.Sentence, f.Mistake = "one-listener", "two calls at the same time listen at one address"
		f.Expected, f.Seen = "one of them fails", fmt.Sprintf("%d calls succeed", successes)
		r.g.Expect(successes <= 1, f)
	}
	for _, got := range append(all.Others, all.listening) {
		if got.Err == nil && (i.Address == i.Others || got == all.listening) {
			r.close(got.FD)
		}
	}
}
