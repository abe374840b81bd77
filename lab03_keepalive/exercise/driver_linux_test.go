package exercise_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
	"socketlabs/lab03_keepalive/exercise"
)

// All that is in this file runs in the student's process. The graders call it, and it calls the student's code.

// times are the arguments of a call: within or limit, and for OpenWay also idleTimeout.
type times struct{ Within, IdleTimeout time.Duration }

// watch is what the student's code is called with, and the calls that the kernel refuses meanwhile.
type watch struct {
	Conn    grading.Conn
	Times   times
	Refused []refuse.Call
}

// watched is what the call has returned.
type watched struct {
	Err        *grading.WireError
	Impossible bool
	Unable     string // why the kernel can't be made to refuse a call here
}

var findVanished = grading.Export("FindVanished", func(all []watch) []watched {
	return atOnce(all, func(conn *net.TCPConn, t times) error { return exercise.FindVanished(conn, t.Within) })
})

var boundUnacknowledged = grading.Export("BoundUnacknowledged", func(all []watch) []watched {
	return atOnce(all, func(conn *net.TCPConn, t times) error { return exercise.BoundUnacknowledged(conn, t.Within) })
})

var openWay = grading.Export("OpenWay", func(all []watch) []watched {
	return atOnce(all, func(conn *net.TCPConn, t times) error { return exercise.OpenWay(conn, t.IdleTimeout, t.Within) })
})

// atOnce makes all calls at the same time, the first on this goroutine. Each goroutine that runs waits a little until the
// others run, too. It waits in a loop, without sleeping: so all calls begin within a microsecond, if there are enough
// processors.
func atOnce(all []watch, set func(*net.TCPConn, times) error) []watched {
	const most = time.Millisecond
	results := make([]watched, len(all))
	var awake atomic.Int32
	call := func(i int) {
		awake.Add(1)
		for begun := time.Now(); int(awake.Load()) < len(all) && time.Since(begun) < most; {
		}
		results[i] = all[i].with(set)
	}
	var over sync.WaitGroup
	for i := range len(all) - 1 {
		over.Go(func() { call(1 + i) })
	}
	call(0)
	over.Wait()
	return results
}

func (w watch) with(set func(*net.TCPConn, times) error) watched {
	if err := refuse.OnThisThread(w.Refused...); err != nil {
		return watched{Unable: err.Error()}
	}
	err := set(w.Conn.Get().(*net.TCPConn), w.Times)
	told := grading.ToWire(err)
	return watched{Err: told, Impossible: told != nil && !told.HoldsNil && errors.Is(err, exercise.ErrImpossible)}
}

var giveConn = grading.Export("the connection", func(c grading.Conn) *grading.WireError {
	raw, err := c.Get().(syscall.Conn).SyscallConn()
	if err == nil {
		raw.Control(func(fd uintptr) { err = grading.Give(int(fd)) })
	}
	return grading.ToWire(err)
})

var closeWrite = grading.Export("CloseWrite", func(c grading.Conn) *grading.WireError {
	return grading.ToWire(c.Get().(*net.TCPConn).CloseWrite())
})

// place is a listener in the student's process, with its address; or the error of listening.
type place struct {
	Listener grading.Handle[*net.TCPListener]
	Address  string
	Err      *grading.WireError
}

// whereToListen is an address, and the keepalive of the connections accepted there: 0 for Go's default, less than 0 for none.
// These connections inherit the listener's TCP_USER_TIMEOUT, which is in milliseconds.
type whereToListen struct {
	Address     string
	Keepalive   time.Duration
	UserTimeout int
}

var listen = grading.Export("listen", func(w whereToListen) place {
	config := net.ListenConfig{KeepAlive: w.Keepalive, Control: func(_, _ string, raw syscall.RawConn) error {
		var refused error
		err := raw.Control(func(fd uintptr) {
			refused = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, w.UserTimeout)
		})
		return errors.Join(err, refused)
	}}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", w.Address)
	if err != nil {
		return place{Err: grading.ToWire(err)}
	}
	return place{Listener: grading.Keep(listener.(*net.TCPListener)), Address: listener.Addr().String()}
})

// accept accepts a connection.
var accept = grading.Export("accept", func(p place) accepted {
	conn, err := p.Listener.Get().AcceptTCP()
	if err != nil {
		return accepted{Err: grading.ToWire(err)}
	}
	return accepted{Conn: grading.KeepConn(conn)}
})

type accepted struct {
	Conn grading.Conn
	Err  *grading.WireError
}

// refuseAccept makes accept fail, with a deadline in the past, or lets it succeed again.
var refuseAccept = grading.Export("accept fails", func(r refusedAccept) *grading.WireError {
	until := time.Time{}
	if r.Fails {
		until = time.Unix(1, 0)
	}
	return grading.ToWire(r.At.Listener.Get().SetDeadline(until))
})

type refusedAccept struct {
	At    place
	Fails bool
}

var closeListener = grading.Export("close", func(p place) *grading.WireError {
	return grading.ToWire(p.Listener.Get().Close())
})

// service is what Serve is called with.
type service struct {
	At      place
	Silence time.Duration
	Refused []refuse.Call
}

var serve = grading.Export("Serve", func(s service) watched {
	if err := refuse.OnThisThread(s.Refused...); err != nil {
		return watched{Unable: err.Error()}
	}
	if len(s.Refused) > 0 {
		onItsThread(s.At.Address)
	}
	return watched{Err: grading.ToWire(exercise.Serve(s.At.Listener.Get(), s.Silence))}
})

const mostDescriptors = 1024 // descriptors from 0 to 1023 are searched

// ends are the two addresses of a connection. The client's address alone would not identify it: connections to several
// servers can share a port that the kernel has chosen.
type ends struct{ Server, Client string }

// giveConnOf gives the grader a copy of the descriptor of the server's end.
var giveConnOf = grading.Export("the server's end", func(e ends) *grading.WireError {
	if fd := descriptorOf(e); fd >= 0 {
		return grading.ToWire(grading.Give(fd))
	}
	return grading.ToWire(net.ErrClosed)
})

// descriptorOf returns the descriptor of the server's end, or -1 if there is none.
func descriptorOf(e ends) int {
	for fd := range mostDescriptors {
		local, err := unix.Getsockname(fd)
		if err != nil || addressOf(local).String() != e.Server {
			continue
		}
		if remote, err := unix.Getpeername(fd); err == nil && addressOf(remote).String() == e.Client {
			return fd
		}
	}
	return -1
}

// limitDescriptors sets the limit RLIMIT_NOFILE: each new descriptor has a lower number. If most is 0, the limit is the
// lowest free number, so that the process can't open another descriptor. It returns the previous limit.
var limitDescriptors = grading.Export("limit", func(most uint64) uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	was := limit.Cur
	if most == 0 {
		next, err := unix.Dup(0)
		if err != nil {
			return 0
		}
		unix.Close(next)
		most = uint64(next)
	}
	limit.Cur = most
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return was
})

// busy returns the CPU time that the process has used so far.
var busy = grading.Export("busy", func(struct{}) time.Duration {
	var usage unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
})

// heldAt counts the open descriptors of the connections that were accepted at a listener's address.
var heldAt = grading.Export("held", func(address string) (n int) {
	for fd := range mostDescriptors {
		at, err := unix.Getsockname(fd)
		if err != nil || addressOf(at).String() != address {
			continue
		}
		if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && listens == 0 {
			n++
		}
	}
	return n
})
