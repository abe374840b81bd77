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

// What the graders call of the student's code, in the student's process.

// place is where a call is to listen or to look, and what the kernel refuses it.
type place struct {
	Address netip.AddrPort
	Refused []refuse.Call
}

// holding is what WhoHolds returns.
type holding struct {
	Holder  exercise.Holder
	Err     *grading.WireError
	Touched bool   // a socket of TCP was opened
	Unable  string // why nothing can be refused here
}

var whoHolds = grading.Export("WhoHolds", func(p place) (h holding) {
	if err := refuse.OnThisThread(p.Refused...); err != nil {
		return holding{Unable: err.Error()}
	}
	holder, err := exercise.WhoHolds(p.Address)
	return holding{Holder: holder, Err: grading.ToWire(err)}
})

var whoHoldsWatched = grading.Export("WhoHolds, watched", func(address netip.AddrPort) holding {
	touched, err := refuse.Notice(anyTCP...)
	if err != nil {
		return holding{Unable: err.Error()}
	}
	holder, err := exercise.WhoHolds(address)
	return holding{Holder: holder, Err: grading.ToWire(err), Touched: touched()}
})

// anyTCP is what opens a socket of TCP. One of UDP is opened by the same call: nobody needs it here.
var anyTCP = []refuse.Call{refuse.Socket(unix.AF_INET, 0), refuse.Socket(unix.AF_INET6, 0)}

// asking is about addresses in a table that the grader has made up.
type asking struct {
	Table     []kernel.Socket
	Error     *grading.WireError // with which SocketTable fails at first, for each address
	Addresses []netip.AddrPort
	AtATime   bool
}

// answers are those to an asking.
type answers struct {
	All     []holding
	Touched bool // a socket of TCP was opened
}

var whoHoldsInTable = grading.Export("WhoHolds, of another table", func(a asking) (all answers) {
	var fails atomic.Bool
	meet := meeting(len(a.Addresses))
	if a.AtATime {
		a.Table = slices.Repeat(a.Table, 8) // it takes its time to be looked through
	}
	*exercise.ReadTable = func() (table []kernel.Socket, err error) {
		table = slices.Clone(a.Table)
		rand.Shuffle(len(table), func(i, j int) { table[i], table[j] = table[j], table[i] })
		if a.AtATime {
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
	if a.AtATime {
		atATime(len(a.Addresses), ask)
		return all
	}
	touched, err := refuse.Notice(anyTCP...)
	for i := range a.Addresses {
		fails.Store(a.Error != nil)
		ask(i)
	}
	all.Touched = err == nil && touched()
	return all
})

// meeting lets that many goroutines wait for each other, so that what they do next is done at the same time. They don't
// wait for long: one may be behind a lock of another.
func meeting(of int) (meet func()) {
	var come atomic.Int64
	all := make(chan struct{})
	goOn := sync.OnceFunc(func() { close(all) })
	return func() {
		if come.Add(1) == int64(of) {
			goOn()
		}
		select {
		case <-all:
		case <-time.After(long):
			goOn()
		}
	}
}

// atATime does something that often, all at the same time.
func atATime(times int, do func(i int)) {
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

// makeAnswer makes an answer ready: to make a long one takes its time.
var makeAnswer = grading.Export("an answer", func(d grading.Data) grading.Handle[[]byte] { return grading.Keep(answerOf(d)) })

// last is the end of a conversation.
type last struct {
	Conn     grading.Conn
	Answer   grading.Handle[[]byte]
	Patience time.Duration
}

// ended is what EndConversation returns, and what the kernel's table has of the connection's end then.
type ended struct {
	Err  *grading.WireError
	Left []kernel.Socket
}

var endConversation = grading.Export("EndConversation", func(l last) ended {
	conn, answer := l.Conn.Get().(*net.TCPConn), l.Answer.Get()
	l.Answer.Drop()
	at, with := unmapped(addressOf(conn.LocalAddr())), unmapped(addressOf(conn.RemoteAddr()))
	err := exercise.EndConversation(conn, answer, l.Patience)
	left, _ := kernel.AllSockets() // the grader looks, too, and later
	return ended{grading.ToWire(err), slices.DeleteFunc(left, func(s kernel.Socket) bool { return s.Local != at || s.Remote != with })}
})

// answerOf is the data, and a line feed at its end, perhaps with something before it that is easily taken for a part of
// it. There are line feeds within the data, too.
func answerOf(d grading.Data) []byte {
	ends := []string{"\n", "\r\n", "\n\n", " \n"}
	return append(d.Bytes(), ends[d.Seed%uint64(len(ends))]...)
}
