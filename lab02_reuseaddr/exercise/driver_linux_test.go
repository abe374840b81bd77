package exercise_test

import (
	"math/rand/v2"
	"net"
	"net/netip"
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

// asking has the addresses that WhoHolds is called for, and the table that SocketTable returns to these calls. The grader has
// made the table up.
type asking struct {
	Table      []kernel.Socket
	Error      *grading.WireError // for each address, the first call of SocketTable returns this error beside the table
	Addresses  []netip.AddrPort
	Concurrent bool // all calls of WhoHolds are made at the same time
}

// answers are what WhoHolds returns for the addresses of an asking.
type answers struct {
	All     []holding
	Touched bool // one of anyIPSocket was called
}

var whoHoldsInTable = grading.Export("WhoHolds, of another table", func(a asking) (all answers) {
	var fails atomic.Bool
	meet := meeting(len(a.Addresses))
	if a.Concurrent {
		a.Table = slices.Repeat(a.Table, 8) // a search of such a long table takes so long that the calls overlap
	}
	*exercise.ReadTable = func() (table []kernel.Socket, err error) {
		table = slices.Clone(a.Table)
		rand.Shuffle(len(table), func(i, j int) { table[i], table[j] = table[j], table[i] })
		if a.Concurrent {
			meet()
		}
		if fails.CompareAndSwap(true, false) {
			err = a.Error.Err()
		}
		return table, err
	}
	defer func() { *exercise.ReadTable = kernel.AllSockets }()
	all.All = make([]holding, len(a.Addresses))
	ask := func(i int) {
		holder, err := exercise.WhoHolds(a.Addresses[i])
		all.All[i] = holding{Holder: holder, Err: grading.ToWire(err)}
	}
	if a.Concurrent {
		concurrently(len(a.Addresses), ask)
		return all
	}
	touched, err := refuse.Notice(anyIPSocket...)
	for i := range a.Addresses {
		fails.Store(a.Error != nil)
		ask(i)
	}
	all.Touched = err == nil && touched()
	return all
})

// meeting returns a function in which n goroutines wait until all of them have called it. So they go on at the same time. They
// wait only for a short time: one of them may never call it, because it waits for a lock that another one holds.
func meeting(n int) (meet func()) {
	var arrived atomic.Int64
	all := make(chan struct{})
	goOn := sync.OnceFunc(func() { close(all) })
	return func() {
		if arrived.Add(1) == int64(n) {
			goOn()
		}
		select {
		case <-all:
		case <-time.After(long):
			goOn()
		}
	}
}

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
var makeAnswer = grading.Export("an answer", func(d grading.Data) grading.Handle[[]byte] { return grading.Keep(answerOf(d)) })

// last has the arguments of EndConversation.
type last struct {
	Conn     grading.Conn
	Answer   grading.Handle[[]byte]
	Patience time.Duration
}

// ended has the error that EndConversation returns, and the entries that the kernel's table then has of the server's end.
type ended struct {
	Err  *grading.WireError
	Left []kernel.Socket
}

var endConversation = grading.Export("EndConversation", func(l last) ended {
	conn, answer := l.Conn.Get().(*net.TCPConn), l.Answer.Get()
	l.Answer.Drop()
	at, with := unmapped(addressOf(conn.LocalAddr())), unmapped(addressOf(conn.RemoteAddr()))
	err := exercise.EndConversation(conn, answer, l.Patience)
	left, _ := kernel.AllSockets() // without the error: the grader reads the table later, too
	return ended{grading.ToWire(err), slices.DeleteFunc(left, func(s kernel.Socket) bool { return s.Local != at || s.Remote != with })}
})

// answerOf returns the data and a line feed. Before this line feed, there may be a byte that code may take for a part of the
// line's end: a carriage return, another line feed, or a space. There can be line feeds within the data, too.
func answerOf(d grading.Data) []byte {
	ends := []string{"\n", "\r\n", "\n\n", " \n"}
	return append(d.Bytes(), ends[d.Seed%uint64(len(ends))]...)
}
