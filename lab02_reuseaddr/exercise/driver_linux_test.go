package exercise_test

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/refuse"
	"socketlabs/lab02_reuseaddr/exercise"
)

// The graders call these functions in the student's process. The functions call the student's code.

// place is the address for a call, and the system calls that the kernel refuses during that call.
type place struct {
	Address netip.AddrPort
	Refused []refuse.Call
}

// holding is what WhoHolds returns.
type holding struct {
	Holder  exercise.Holder
	Err     *grading.WireError
	Touched bool   // it has called one of anyIPSocket
	Unable  string // why system calls can't be refused or noticed on this machine; empty if they can
}

var whoHolds = grading.Export("WhoHolds", func(p place) (h holding) {
	if err := refuse.OnThisThread(p.Refused...); err != nil {
		return holding{Unable: err.Error()}
	}
	holder, err := exercise.WhoHolds(p.Address)
	return holding{Holder: holder, Err: grading.ToWire(err)}
})

var whoHoldsWatched = grading.Export("WhoHolds, watched", func(address netip.AddrPort) holding {
	touched, err := refuse.Notice(anyIPSocket...)
	if err != nil {
		return holding{Unable: err.Error()}
	}
	holder, err := exercise.WhoHolds(address)
	return holding{Holder: holder, Err: grading.ToWire(err), Touched: touched()}
})

// anyIPSocket are the system calls that open a socket of IPv4 or IPv6: for TCP, or for UDP, which WhoHolds does not need either.
var anyIPSocket = []refuse.Call{refuse.Socket(unix.AF_INET, 0), refuse.Socket(unix.AF_INET6, 0)}

// concurrently calls do(0) to do(times-1), each in a goroutine of its own.
func concurrently(times int, do func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range times {
		all.Go(func() {
			<-begin
			do(i)
		})
	}
	close(begin)
	all.Wait()
}

// makeAnswer makes the answer before the grader calls EndConversation, because the time to make a long answer must not count.
// Behind an answer that is not just an empty line, the array goes on with behind.
var makeAnswer = grading.Export("an answer", func(d grading.Data) grading.Handle[[]byte] {
	answer := answerOf(d)
	if d.Size == 0 {
		return grading.Keep(slices.Clip(answer))
	}
	return grading.Keep(append(answer, behind...)[:len(answer)])
})

const behind = "behind the answer"

// keptAnswer is an answer with the data that it was made from.
type keptAnswer struct {
	Answer grading.Handle[[]byte]
	Of     grading.Data
}

// answerChanged reports whether an answer, or the array behind it, is different from what makeAnswer made.
var answerChanged = grading.Export("the answer, while it is sent", func(k keptAnswer) bool {
	answer, want := k.Answer.Get(), append(answerOf(k.Of), behind...)
	k.Answer.Drop()
	return !bytes.Equal(answer[:min(cap(answer), len(want))], want)
})

// last has the arguments of EndConversation.
type last struct {
	Conn     grading.Conn
	Answer   grading.Handle[[]byte]
	Patience time.Duration
	Watched  bool           // whether ended has Lost
	Kept     bool           // the grader looks at Answer during the call: answerChanged
	From     netip.AddrPort // the client's address; not valid: any
	Mapped   bool           // conn is an IPv6 socket, and the client has an IPv4 address
}

// dialMapped connects an IPv6 socket to an IPv4 address, written as an IPv6 address.
var dialMapped = grading.Export("an IPv6 socket", func(to netip.AddrPort) grading.Conn {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()})
	}
	if err != nil {
		panic(err)
	}
	file := os.NewFile(uintptr(fd), "")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		panic(err)
	}
	return grading.KeepConn(conn)
})

// ended has the error that EndConversation returns, and the entries that the kernel's table then has of the server's end.
type ended struct {
	Err     *grading.WireError
	Lasted  time.Duration // the length of the call, without the way between the two processes
	Left    []kernel.Socket
	Changed bool // EndConversation has changed the answer, or the array behind it
	Lost    bool // EndConversation has closed a descriptor that it has not opened
	Behind  bool // conn's descriptor is closed, and conn is not
}

var endConversation = grading.Export("EndConversation", func(l last) ended {
	conn, answer := l.Conn.Get().(*net.TCPConn), l.Answer.Get()
	if !l.Kept {
		l.Answer.Drop()
	}
	at, with := unmapped(addressOf(conn.LocalAddr())), unmapped(addressOf(conn.RemoteAddr()))
	array := answer[:min(cap(answer), len(answer)+len(behind))]
	array = array[:min(len(array), 1<<20)] // a part is enough: the time to copy a long answer must not count
	before := slices.Clone(array)
	var e ended
	call := func() {
		begun := time.Now()
		err := exercise.EndConversation(conn, answer, l.Patience)
		e.Lasted, e.Err = time.Since(begun), grading.ToWire(err)
	}
	if l.Watched {
		e.Lost = closesOthers(call)
	} else {
		call()
	}
	e.Behind = closedBehind(conn)
	e.Changed = !slices.Equal(array, before)
	e.Left, _ = kernel.AllSockets() // without the error: the grader reads the table later, too
	e.Left = slices.DeleteFunc(e.Left, func(s kernel.Socket) bool { return s.Local != at || s.Remote != with })
	return e
})

// crowd has an address where the grader accepts connections, and how many there are to be.
type crowd struct {
	At     netip.AddrPort
	Many   int
	Answer grading.Data
}

// endMany ends many conversations, all at the same time, and returns the number of calls that return an error.
var endMany = grading.Export("EndConversation, with many clients", func(c crowd) (failed int) {
	var errs atomic.Int64
	concurrently(c.Many, func(int) {
		conn, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(c.At))
		if err == nil {
			err = exercise.EndConversation(conn, answerOf(c.Answer), time.Minute)
		}
		if err != nil {
			errs.Add(1)
		}
	})
	return int(errs.Load())
})

// closedBehind reports whether code has closed the number of conn's descriptor, without conn. Package net closes it again, later.
func closedBehind(conn *net.TCPConn) (closed bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	raw.Control(func(fd uintptr) { // fails if conn is closed
		_, err := unix.FcntlInt(fd, unix.F_GETFD, 0)
		closed = err == unix.EBADF
	})
	return closed
}

// closesOthers calls the function in a goroutine. Each time that this goroutine is about to close a descriptor, and after the call,
// closesOthers opens some others. If code closes a descriptor twice, the number then belongs to one of them. The second time can
// be a garbage collection. closesOthers reports whether one of them was closed.
func closesOthers(call func()) (closed bool) {
	var opened []int
	open := func() {
		for range 8 {
			if fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC); err == nil {
				opened = append(opened, fd)
			}
		}
	}
	concurrently(1, func(int) {
		end, err := refuse.Interrupt(open, refuse.Close(0))
		if err == nil { // otherwise, this machine can't show it
			defer end()
		}
		call()
	})
	open()
	grading.CollectGarbage(2)
	for _, fd := range opened {
		closed = unix.Close(fd) != nil || closed
	}
	return closed
}

// answerOf returns the data and a line feed. Before this line feed, there may be a byte that code may take for a part of the
// line's end: a carriage return, another line feed, or a space. There can be line feeds within the data, too.
func answerOf(d grading.Data) []byte {
	ends := []string{"\n", "\r\n", "\n\n", " \n"}
	return append(d.Bytes(), ends[d.Seed%uint64(len(ends))]...)
}
