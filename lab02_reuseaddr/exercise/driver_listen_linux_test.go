package exercise_test

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
	"socketlabs/lab02_reuseaddr/exercise"
)

// listening is what ListenForRestart returns.
type listening struct {
	FD     int
	Err    *grading.WireError
	Took   time.Duration
	Locks  bool   // the call has returned, and syscall.ForkLock is still held
	Unable string // why system calls can't be refused or noticed on this machine; empty if they can
}

var listenForRestart = grading.Export("ListenForRestart", func(p place) listening {
	end, err := p.refuse()
	if err != nil {
		return listening{Unable: err.Error()}
	}
	got := listenAt(p.Address)
	end()
	got.Locks = true
	for begun := time.Now(); got.Locks && time.Since(begun) < time.Second; time.Sleep(time.Millisecond) {
		if syscall.ForkLock.TryLock() {
			syscall.ForkLock.Unlock()
			got.Locks = false
		}
	}
	return got
})

// descriptor is a file descriptor of the student's process.
type descriptor struct {
	FD        int
	Inherited bool // programs that the process starts inherit the descriptor
	Err       *grading.WireError
}

var giveDescriptor = grading.Export("the descriptor", func(fd int) descriptor {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err == nil {
		err = grading.Give(fd)
	}
	return descriptor{fd, flags&unix.FD_CLOEXEC == 0, grading.ToWire(err)}
})

// listenBeside opens another listener, with SO_REUSEADDR and SO_REUSEPORT. It opens the listener in the student's process, so
// that it belongs to the same user: with SO_REUSEPORT, the kernel lets only sockets of one user share a port.
var listenBeside = grading.Export("a listener", func(at netip.AddrPort) descriptor {
	fd, err := unix.Socket(exercise.Domain(at), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return descriptor{Err: grading.ToWire(err)}
	}
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
		unix.Bind(fd, exercise.Sockaddr(at)),
		unix.Listen(fd, 1),
	)
	if err != nil {
		unix.Close(fd)
	}
	return descriptor{FD: fd, Err: grading.ToWire(err)}
})

var collectGarbage = grading.Export("a garbage collection", func(struct{}) struct{} { grading.CollectGarbage(2); return struct{}{} })

var closeDescriptor = grading.Export("close", func(fd int) *grading.WireError {
	return grading.ToWire(unix.Close(fd))
})

// interruption has the address of a first call of ListenForRestart, and the address of the other calls. Another call is made
// each time the first call makes a system call, or only when it calls listen.
type interruption struct {
	Address, Others netip.AddrPort
	AtListen        bool
}

func (i interruption) at() []refuse.Call {
	if i.AtListen {
		return []refuse.Call{refuse.Listen(0)}
	}
	return []refuse.Call{refuse.CloseOnExec(0), refuse.AnySetsockopt(0), refuse.Bind(0), refuse.Listen(0), refuse.Close(0)}
}

// interrupted has what the first call returns, and what the other calls return. If the others listen at another address than
// the first call, each of their sockets is closed at the next interruption, or after the first call.
type interrupted struct {
	listening
	Others    []listening
	Lost      bool // the first call has closed a socket of another call
	Inherited bool // a program that is started at an interruption inherits a TCP socket
}

var listenInterrupted = grading.Export("ListenForRestart, interrupted", func(i interruption) (all interrupted) {
	var waiting chan listening // the result of another call, which waits for the first call, perhaps for its lock
	last := -1                 // the descriptor that another call has returned; -1: there is none to close
	closeLast := func() {
		if last < 0 {
			return
		}
		if at, err := unix.Getsockname(last); err == nil && unmapped(fromSockaddr(at)) == i.Others {
			unix.Close(last)
		} else {
			all.Lost = true
		}
		last = -1
	}
	end, err := refuse.Interrupt(func() {
		all.Inherited = all.Inherited || isInherited()
		if waiting != nil {
			return
		}
		closeLast()
		other := make(chan listening, 1)
		go func() { other <- listenAt(i.Others) }()
		select {
		case got := <-other:
			all.Others = append(all.Others, got)
			if got.Err == nil && i.Others != i.Address {
				last = got.FD
			}
		case <-time.After(long):
			waiting = other
		}
	}, i.at()...)
	if err != nil {
		all.Unable = err.Error()
		return all
	}
	all.listening = listenAt(i.Address)
	end()
	var closing sync.WaitGroup
	closing.Go(closeLast) // in another goroutine: in this one, the kernel refuses close from now on
	closing.Wait()
	if waiting != nil {
		all.Others = append(all.Others, <-waiting)
	}
	return all
})

// A call that takes this long waits for something.
const long = 200 * time.Millisecond

func listenAt(address netip.AddrPort) listening {
	begun := time.Now()
	fd, err := exercise.ListenForRestart(address)
	return listening{FD: fd, Took: time.Since(begun), Err: grading.ToWire(err)}
}

// without0 is what ListenForRestart returns while descriptor 0 is free: the socket gets this number.
type without0 struct {
	listening
	Open, Listens bool // descriptor 0, after the call
	Lost          bool // the call has closed a descriptor that it has not opened
}

// fillNumbers opens descriptors until the numbers below some hundred are taken, and then frees a few of them.
func fillNumbers() (opened []int) {
	const most, free = 400, 4
	for {
		fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
		if err != nil {
			break
		}
		opened = append(opened, fd)
		if fd >= most {
			break
		}
	}
	for range min(free, len(opened)) {
		i := rand.IntN(len(opened))
		unix.Close(opened[i])
		opened = slices.Delete(opened, i, i+1)
	}
	return opened
}

// freeNumbers closes descriptors of eventfd(2), and reports whether one of them is something else by now.
func freeNumbers(opened []int) (lost bool) {
	for _, fd := range opened {
		_, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
		lost = lost || err != unix.ENOTSOCK
		unix.Close(fd)
	}
	return lost
}

// listenWithout0 calls ListenForRestart in a process whose standard input is closed, as daemons close it.
var listenWithout0 = grading.Export("ListenForRestart, with descriptor 0", func(p place) (got without0) {
	if err := refuse.OnThisThread(p.Refused...); err != nil {
		return without0{listening: listening{Unable: err.Error()}}
	}
	var input unix.Stat_t
	if err := unix.Fstat(0, &input); err != nil || input.Mode&unix.S_IFMT != unix.S_IFCHR {
		return without0{listening: listening{Unable: "descriptor 0 is not /dev/null"}}
	}
	copied, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return without0{listening: listening{Unable: err.Error()}}
	}
	others := fillNumbers()
	defer func() { got.Lost = freeNumbers(others) }()
	defer func() {
		unix.Dup3(copied, 0, 0)
		unix.Close(copied)
	}()
	unix.Close(0)
	got.listening = listenAt(p.Address)
	listens, err := unix.GetsockoptInt(0, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	got.Open, got.Listens = err != unix.EBADF, listens == 1
	if got.Err == nil && got.FD > 0 {
		unix.Close(got.FD)
	}
	return got
})

// isInherited reports whether a program that package os starts now would inherit a TCP socket.
func isInherited() bool {
	if !syscall.ForkLock.TryLock() {
		return false // package os can't start a program now
	}
	defer syscall.ForkLock.Unlock()
	const most = 256 // an exercise has fewer descriptors open
	for fd := range most {
		protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
		if err != nil || protocol != unix.IPPROTO_TCP {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			return true
		}
	}
	return false
}
