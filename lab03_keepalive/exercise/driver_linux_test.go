package exercise_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
	"socketlabs/lab03_keepalive/exercise"
)

// What the graders call of the student's code, in the student's process.

// times are what a call is given: the time that the exercise is about, and, for OpenWay, how long a middlebox remembers.
type times struct{ Within, Memory time.Duration }

// watch is a connection and its times, and what the kernel refuses.
type watch struct {
	Conn    grading.Conn
	Times   times
	Refused []refuse.Call
}

type watched struct {
	Err        *grading.WireError
	Impossible bool
	Unable     string // why nothing can be refused here
}

var findVanished = grading.Export("FindVanished", func(all []watch) []watched {
	return atOnce(all, func(conn *net.TCPConn, t times) error { return exercise.FindVanished(conn, t.Within) })
})

var boundUnacknowledged = grading.Export("BoundUnacknowledged", func(all []watch) []watched {
	return atOnce(all, func(conn *net.TCPConn, t times) error { return exercise.BoundUnacknowledged(conn, t.Within) })
})

var openWay = grading.Export("OpenWay", func(all []watch) []watched {
	return atOnce(all, func(conn *net.TCPConn, t times) error { return exercise.OpenWay(conn, t.Memory, t.Within) })
})

// atOnce makes all calls at the same time: the first on this goroutine. One that is awake waits a little for the others,
// and doesn't sleep meanwhile: then they begin within a microsecond, if there are processors for them.
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

// place is a listener of the driver's.
type place struct {
	Listener grading.Handle[*net.TCPListener]
	Address  string
	Err      *grading.WireError
}

// whereToListen is an address, and the keepalive of what is accepted there: 0 for Go's, less than 0 for none.
type whereToListen struct {
	Address   string
	Keepalive time.Duration
}

var listen = grading.Export("listen", func(w whereToListen) place {
	config := net.ListenConfig{KeepAlive: w.Keepalive}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", w.Address)
	if err != nil {
		return place{Err: grading.ToWire(err)}
	}
	return place{Listener: grading.Keep(listener.(*net.TCPListener)), Address: listener.Addr().String()}
})

// accept is the next connection of a listener.
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

// refuseAccept makes a listener's accept fail, until it no more does: by a deadline in the past.
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

const mostDescriptors = 1024 // that are looked through

// ends are those of a connection. A client's address alone would not do: connections to several servers can share a
// port that the kernel has chosen.
type ends struct{ Server, Client string }

// giveConnOf gives the server's end of a connection.
var giveConnOf = grading.Export("the server's end", func(e ends) *grading.WireError {
	for fd := range mostDescriptors {
		local, err := unix.Getsockname(fd)
		if err != nil || placeOf(local).String() != e.Server {
			continue
		}
		if remote, err := unix.Getpeername(fd); err == nil && placeOf(remote).String() == e.Client {
			return grading.ToWire(grading.Give(fd))
		}
	}
	return grading.ToWire(net.ErrClosed)
})

// limitDescriptors sets how many descriptors the process may have: those that it has and no more, or, if most is not
// 0, that many. It returns how many there were before.
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

// busy is how long the process has computed so far.
var busy = grading.Export("busy", func(struct{}) time.Duration {
	var usage unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
})

// heldAt counts the connections at a listener's address, by their descriptors.
var heldAt = grading.Export("held", func(address string) (n int) {
	for fd := range mostDescriptors {
		at, err := unix.Getsockname(fd)
		if err != nil || placeOf(at).String() != address {
			continue
		}
		if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && listens == 0 {
			n++
		}
	}
	return n
})

// keepGarbage turns the garbage collector off: it closes, some time, what nobody holds any more. That is nothing to
// rely on.
var keepGarbage = grading.Export("no collector", func(struct{}) struct{} {
	debug.SetGCPercent(-1)
	return struct{}{}
})

// collectGarbage turns it on again. Package net keeps the pipes of splice(2) until it runs; a pool lets go of what it
// has in the second run after the last use.
var collectGarbage = grading.Export("collector", func(struct{}) struct{} {
	const asByDefault, runs = 100, 3
	debug.SetGCPercent(asByDefault)
	for range runs {
		runtime.GC()
	}
	return struct{}{}
})
