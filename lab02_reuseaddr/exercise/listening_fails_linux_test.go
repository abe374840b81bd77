package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"syscall"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
	"socketlabs/lab02_reuseaddr/exercise"
)

// fails makes the system calls that ListenForRestart needs fail, one after the other.
func (r *restarts) fails() {
	own := r.address
	// RFC 5737 and RFC 3849 reserve these addresses for documentation: no machine has them. Nothing is sent to them.
	r.address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), own.Port())
	if own.Addr().Is6() {
		r.address = netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), own.Port())
	}
	r.g.Step("the server is to listen at %v, which is not an address of this machine", r.address)
	r.fail("bind", unix.EADDRNOTAVAIL)
	r.address = own
	r.refuse("socket", func(errno syscall.Errno) []refuse.Call {
		return []refuse.Call{refuse.Socket(unix.AF_INET, errno), refuse.Socket(unix.AF_INET6, errno)}
	}, unix.EMFILE)
	r.g.Step("the kernel does not support the address family")
	r.fail("socket", unix.EAFNOSUPPORT, refuse.Socket(exercise.Domain(own), unix.EAFNOSUPPORT))
	r.address = r.freeAt(own.Addr()) // code that goes on without the option could listen at this address
	r.refuse("setsockopt", one(refuse.AnySetsockopt), unix.ENOPROTOOPT, unix.EPERM, unix.EACCES, unix.EINVAL)
	r.refuse("bind", one(refuse.Bind), unix.EACCES, unix.EADDRINUSE)
	r.refuse("listen", one(refuse.Listen), unix.EADDRINUSE)
	r.bound()
	r.address = own
	r.getsZero()
}

// getsZero: descriptor 0 is free, so the socket gets this number. First, the kernel refuses listen, and then it refuses nothing.
func (r *restarts) getsZero() {
	r.g.T().Helper()
	f := grading.Finding{
		Sentence: "no-leak",
		Mistake:  "the call has failed, and its descriptor is still open: its number is 0",
		Expected: "descriptor 0 is a descriptor as any other: it is closed when the call fails",
		Seen:     "descriptor 0 is open",
	}
	r.g.Step("the server has closed descriptor 0, and the kernel refuses listen")
	if got := r.without0(refuse.Listen(unix.EADDRINUSE)); got.Unable == "" && got.Err != nil {
		r.g.Expect(!got.Open, f)
	}
	r.g.Step("the server has closed descriptor 0")
	got := r.without0()
	r.g.Expect(!got.Lost, grading.Finding{
		Sentence: "goroutines",
		Mistake:  "the socket gets a number that is another goroutine's: the code chooses the number",
		Expected: "the number that the kernel chooses: it is free",
		Seen:     "a descriptor that another goroutine has opened is the socket, or closed",
	})
	f.Sentence, f.Mistake = "address", "the server can't listen when the number of its descriptor is 0"
	f.Expected, f.Seen = "the socket listens, as with any other number", fmt.Sprintf("descriptor %d, and: %v", got.FD, got.Err.Err())
	r.g.Expect(got.Unable != "" || got.Err == nil && (got.FD != 0 || got.Listens), f)
}

func (r *restarts) without0(refused ...refuse.Call) (got without0) {
	r.g.T().Helper()
	r.g.Call("ListenForRestart", 0, grading.Finding{
		Sentence: "at-once",
		Mistake:  "it hangs when the number of its descriptor is 0",
		Expected: "a socket, or an error, at once",
	}, func() { got = listenWithout0.On(r.g, place{Address: r.address, Refused: refused}) })
	r.g.Outcome(harness.Server, "ListenForRestart: descriptor %d, %v", got.FD, got.Err.Err())
	return got
}

// bound: a socket that does not listen has the address, so the kernel refuses bind, and the table does not say why.
func (r *restarts) bound() {
	r.g.T().Helper()
	r.g.Step("a socket without SO_REUSEADDR is bound to %v, and does not listen", r.address)
	fd, err := unix.Socket(exercise.Domain(r.address), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(r.g.T(), err)
	defer unix.Close(fd)
	if unix.Bind(fd, exercise.Sockaddr(r.address)) == nil {
		r.fail("bind", unix.EADDRINUSE)
	}
}

func one(call func(syscall.Errno) refuse.Call) func(syscall.Errno) []refuse.Call {
	return func(errno syscall.Errno) []refuse.Call { return []refuse.Call{call(errno)} }
}

// refuse makes the kernel refuse one of the system calls: with the usual errors of this call, and with a random one. Then the kernel
// refuses it only the first time, so code that now tries something else can do so.
func (r *restarts) refuse(name string, calls func(syscall.Errno) []refuse.Call, usual ...syscall.Errno) {
	r.g.T().Helper()
	errnos := []syscall.Errno{unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.EPERM}
	for _, errno := range append(usual, errnos[rand.IntN(len(errnos))]) {
		r.g.Step("the kernel refuses %s: %v", name, errno)
		r.fail(name, errno, calls(errno)...)
	}
	r.g.Step("the kernel refuses the first %s, and no other: %v", name, usual[0])
	r.first = true
	r.fail(name, usual[0], calls(usual[0])...)
	r.first = false
}

func (r *restarts) fail(name string, errno syscall.Errno, refused ...refuse.Call) {
	r.g.T().Helper()
	before := r.g.Holdings()
	got := r.call(refused...)
	if got.Unable != "" {
		r.g.Step("this machine can't make the call fail: %s", got.Unable)
		return
	}
	f := grading.Finding{
		Sentence: "kernel-error",
		Mistake:  "the error of " + name + " is lost",
		Expected: fmt.Sprintf("an error in which errors.Is finds %q, the error of %s", errno, name),
		Seen:     "no error",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}
	if got.Err == nil {
		var listens bool
		listens, f.Seen = r.listensAnyway(got.FD)
		r.g.Expect(listens, f)
		r.close(got.FD)
	} else {
		f.Mistake = "the error does not say what is wrong"
		f.Seen = got.Err.Type + ": " + got.Err.Text
		r.g.Expect(errors.Is(got.Err.Err(), errno), f)
	}
	r.leavesNothing(before, name+" fails")
}

// listensAnyway reports whether a call that should have failed has returned a socket that listens, and describes what it has
// returned. The call may be right, because the kernel may have refused it nothing: with IP_FREEBIND, bind succeeds for an
// address that no machine has, and the kernel does not refuse system calls of another goroutine.
func (r *restarts) listensAnyway(fd int) (listens bool, what string) {
	r.g.T().Helper()
	given := r.give(fd)
	if given.Err != nil {
		return false, fmt.Sprintf("no error, and descriptor %d, which is no socket: %v", fd, given.Err.Err())
	}
	file, err := r.g.Take()
	require.NoError(r.g.T(), err)
	defer file.Close()
	l := listenerOf(r.g.T(), file)
	what = fmt.Sprintf("no error; the socket is at %v, SO_ACCEPTCONN is %d, and SO_REUSEADDR %d", l.at, l.listens, l.reuses)
	return l.at == r.address && l.listens == 1 && l.reuses != 0, what
}

// leavesNothing checks that a call that has failed has left no descriptor open.
func (r *restarts) leavesNothing(before grading.Holdings, when string) {
	r.g.T().Helper()
	var left map[string]string
	eventually(func() bool { left = r.opened(before); return len(left) == 0 })
	r.g.Expect(len(left) == 0, grading.Finding{
		Sentence: "no-leak",
		Mistake:  "the call has failed, and its descriptor is still open",
		Expected: "when " + when + ", nothing is left open",
		Seen:     inOrder(left),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
}
