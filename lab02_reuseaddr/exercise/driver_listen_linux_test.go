package exercise_test

import (
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
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
	Unable string // why nothing can be refused here
}

var listenForRestart = grading.Export("ListenForRestart", func(p place) listening {
	if err := refuse.OnThisThread(p.Refused...); err != nil {
		return listening{Unable: err.Error()}
	}
	return listenAt(p.Address)
})

// descriptor is one of the student's process.
type descriptor struct {
	FD        int
	Inherited bool // by programs that the process starts
	Err       *grading.WireError
}

var giveDescriptor = grading.Export("the descriptor", func(fd int) descriptor {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err == nil {
		err = grading.Give(fd)
	}
	return descriptor{fd, flags&unix.FD_CLOEXEC == 0, grading.ToWire(err)}
})

// listenBeside opens a listener as somebody else does, with SO_REUSEADDR and SO_REUSEPORT, and as the same user: the kernel
// lets only sockets of one user share a port by SO_REUSEPORT.
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

// collectGarbage closes what nobody refers to any more, if a finalizer or a cleanup does that: those of its own have run
// after theirs. One collection may not find all.
var collectGarbage = grading.Export("a garbage collection", func(struct{}) struct{} {
	type ours struct{ itself *ours }
	const times = 2
	var over atomic.Int64
	for range times {
		runtime.SetFinalizer(new(ours), func(*ours) { over.Add(1) })
		runtime.AddCleanup(new(ours), func(struct{}) { over.Add(1) }, struct{}{})
		runtime.GC()
	}
	for limit := time.Now().Add(time.Second); over.Load() < 2*times && time.Now().Before(limit); {
		runtime.GC()
		runtime.Gosched()
	}
	return struct{}{}
})

var closeDescriptor = grading.Export("close", func(fd int) *grading.WireError {
	return grading.ToWire(unix.Close(fd))
})

// interruption is a call for an address, and another one whenever the first asks the kernel for something.
type interruption struct{ Address, Others netip.AddrPort }

// interrupted is what the calls return. What the others open is closed if it is at another address: at the next interruption,
// or in the end.
type interrupted struct {
	listening
	Others    []listening
	Lost      bool // one of theirs was closed before
	Inherited bool // by a program that is started meanwhile
}

var listenInterrupted = grading.Export("ListenForRestart, interrupted", func(i interruption) (all interrupted) {
	var waiting chan listening // for the first call to return, as behind a lock
	last := -1                 // descriptor of the others
	closeLast := func() {
		if last < 0 {
			return
		}
		if at, err := unix.Getsockname(last); err == nil && unmapped(placeOf(at)) == i.Others {
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
	}, refuse.CloseOnExec(0), refuse.AnySetsockopt(0), refuse.Bind(0), refuse.Listen(0), refuse.Close(0))
	if err != nil {
		all.Unable = err.Error()
		return all
	}
	all.listening = listenAt(i.Address)
	end()
	var closing sync.WaitGroup
	closing.Go(closeLast) // the kernel refuses close to this goroutine
	closing.Wait()
	if waiting != nil {
		all.Others = append(all.Others, <-waiting)
	}
	return all
})

// long is how long a call takes only if it waits.
const long = 200 * time.Millisecond

func listenAt(address netip.AddrPort) listening {
	fd, err := exercise.ListenForRestart(address)
	return listening{FD: fd, Err: grading.ToWire(err)}
}

// isInherited reports whether a program that is started now, as package os starts it, would have a socket of TCP.
func isInherited() bool {
	if !syscall.ForkLock.TryLock() {
		return false // none is started now
	}
	defer syscall.ForkLock.Unlock()
	const most = 256 // more descriptors than an exercise needs
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
