package exercise_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
)

// fails: each of the calls fails in its turn.
func (r *restarts) fails() {
	own := r.address
	// RFC 5737 and RFC 3849: addresses that no machine has. Nothing is sent to them.
	r.address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), own.Port())
	domain := unix.AF_INET
	if own.Addr().Is6() {
		r.address = netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), own.Port())
		domain = unix.AF_INET6
	}
	r.g.Step("it is to listen at %v, which this machine does not have", r.address)
	r.fail("bind", unix.EADDRNOTAVAIL)
	r.address = own
	r.refuse("socket", domain, func(errno syscall.Errno) refuse.Call { return refuse.Socket(domain, errno) })
	r.refuse("setsockopt", domain, refuse.AnySetsockopt)
	r.refuse("bind", domain, refuse.Bind)
	r.refuse("listen", domain, refuse.Listen)
}

// refuse makes the kernel refuse one of the calls.
func (r *restarts) refuse(name string, domain int, call func(syscall.Errno) refuse.Call) {
	errnos := []syscall.Errno{unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.EACCES, unix.EPERM}
	errno := errnos[rand.IntN(len(errnos))]
	r.g.Step("the kernel refuses %s: %v", name, errno)
	r.fail(name, errno, call(errno))
}

func (r *restarts) fail(name string, errno syscall.Errno, refused ...refuse.Call) {
	r.g.T().Helper()
	before := r.g.Holdings()
	got := r.call(refused...)
	if got.Unable != "" {
		r.g.Step("it can't be refused here: %s", got.Unable)
		return
	}
	f := grading.Finding{
		Sentence: "kernel-error",
		Mistake:  "the error of " + name + " is lost",
		Expected: fmt.Sprintf("an error by which errors.Is finds %q, which %s has returned", errno, name),
		Seen:     "no error",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}
	r.g.Expect(got.Err != nil, f)
	f.Mistake = "the error does not say what is wrong"
	f.Seen = got.Err.Type + ": " + got.Err.Text
	r.g.Expect(errors.Is(got.Err.Err(), errno), f)
	r.leavesNothing(before, name+" fails")
}

// leavesNothing: a call has failed.
func (r *restarts) leavesNothing(before grading.Holdings, when string) {
	r.g.T().Helper()
	var left []string
	eventually(func() bool {
		now := r.g.Holdings().Descriptors
		maps.DeleteFunc(now, func(fd, socket string) bool { return before.Descriptors[fd] == socket })
		left = slices.Sorted(maps.Values(now))
		return len(left) == 0
	})
	r.g.Expect(len(left) == 0, grading.Finding{
		Sentence: "no-leak",
		Mistake:  "the call has failed, and its descriptor is still open",
		Expected: "when " + when + ", nothing is left open",
		Seen:     strings.Join(left, ", "),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
}
