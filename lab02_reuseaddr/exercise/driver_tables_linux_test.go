package exercise_test

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/refuse"
	"socketlabs/lab02_reuseaddr/exercise"
)

// The graders call these functions in the student's process, too. SocketTable returns made-up tables to the student's code.

// asking has the addresses that WhoHolds is called for, and the table that SocketTable returns to these calls. The grader has
// made the table up.
type asking struct {
	Table      []kernel.Socket
	Own        [][]kernel.Socket  // if there are any: for each address, a table of its own
	Error      *grading.WireError // for each address, the first call of SocketTable returns this error beside the table
	Around     syscall.Errno      // if it is not 0, it is an error of another kind that wraps Error: errors.Is finds both
	LikeAll    bool               // Error is like every error: errors.Is finds whatever it is asked for
	Addresses  []netip.AddrPort
	Concurrent bool // all calls of WhoHolds are made at the same time
}

// answers are what WhoHolds returns for the addresses of an asking.
type answers struct {
	All     []holding
	Touched bool // one of anyIPSocket was called, in those of the calls that were watched
}

var whoHoldsInTable = grading.Export("WhoHolds, of another table", func(a asking) (all answers) {
	var fails atomic.Bool
	var asked atomic.Int64 // which address WhoHolds is called for, if the calls are made one after the other
	meet := meeting(len(a.Addresses))
	if a.Concurrent {
		a.Table = slices.Repeat(a.Table, 8) // a search of such a long table takes so long that the calls overlap
	}
	*exercise.ReadTable = func() (table []kernel.Socket, err error) {
		now := asked.Load()
		table = slices.Clone(a.Table)
		if a.Own != nil {
			table = slices.Clone(a.Own[now])
		}
		rand.Shuffle(len(table), func(i, j int) { table[i], table[j] = table[j], table[i] })
		if a.Concurrent {
			meet()
		} else {
			table = atItsEnds(table, a.Addresses[now].Port())
		}
		if fails.CompareAndSwap(true, false) {
			err = a.Error.Err()
			if a.Around != 0 {
				err = &outermost{a.Around, allTypes(err)}
			}
			if a.LikeAll {
				err = &likeAll{err}
			}
		}
		return table, err
	}
	defer func() { *exercise.ReadTable = kernel.AllSockets }()
	all.All = make([]holding, len(a.Addresses))
	ask := func(i int) {
		asked.Store(int64(i))
		holder, err := exercise.WhoHolds(a.Addresses[i])
		all.All[i] = holding{Holder: holder, Err: grading.ToWire(err)}
	}
	if a.Concurrent {
		concurrently(len(a.Addresses), ask)
		return all
	}
	askSome := func(watched bool) {
		for i := range a.Addresses {
			if watched == (i%8 == 0) {
				fails.Store(a.Error != nil)
				ask(i)
			}
		}
	}
	askSome(false)
	// Only some: a goroutine that is watched stays on its thread, so code with many goroutines is slow in it.
	touched, err := refuse.Notice(anyIPSocket...)
	askSome(true)
	all.Touched = err == nil && touched()
	return all
})

// atItsEnds moves an entry with the port to the end of the table, or sometimes to its beginning: code that divides a table, or
// counts its entries, can lose the last or the first. It also repeats some entries, so that tables have different lengths.
func atItsEnds(table []kernel.Socket, port uint16) []kernel.Socket {
	for range min(len(table), rand.IntN(16)) {
		table = append(table, table[rand.IntN(len(table))])
	}
	end := len(table) - 1
	if rand.IntN(4) == 0 {
		end = 0
	}
	if i := slices.IndexFunc(table, func(s kernel.Socket) bool { return s.Local.Port() == port }); i >= 0 {
		table[i], table[end] = table[end], table[i]
	}
	return table
}

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

// outermost is an error that is like one of the kernel's errors, and wraps another error: it is not only what it wraps.
type outermost struct {
	like    syscall.Errno
	wrapped error
}

func (e *outermost) Error() string        { return e.like.Error() + ": " + e.wrapped.Error() }
func (e *outermost) Is(target error) bool { return target == e.like }
func (e *outermost) Unwrap() error        { return e.wrapped }

// likeAll is an error that is like every other error, and a timeout. Code that ignores one kind of error, of whatever kind, ignores it.
type likeAll struct{ error }

func (e *likeAll) Is(error) bool   { return true }
func (e *likeAll) Unwrap() error   { return e.error }
func (e *likeAll) Timeout() bool   { return true }
func (e *likeAll) Temporary() bool { return true }

// allTypes wraps an error in each type of error that the kernel's table could fail with. Code that looks for one of these types, and
// returns only what such an error wraps, loses what is around it.
func allTypes(err error) error {
	return &os.PathError{Op: "read", Path: "/proc/net/tcp", Err: &net.OpError{Op: "read", Net: "netlink", Err: os.NewSyscallError("recvfrom", err)}}
}

// overtaking has an address where a server begins to listen while a first call of WhoHolds reads the table. Then there is a
// second call. The made-up tables of the two calls have Before, and then After. When both have returned, there are two more calls,
// with After, and then with Before again. The two tables have the same number of entries.
type overtaking struct {
	Address       netip.AddrPort
	Before, After []kernel.Socket
}

// whoHoldsOvertaken returns the answers of the four calls.
var whoHoldsOvertaken = grading.Export("WhoHolds, overtaken", func(o overtaking) (all [4]holding) {
	reads, second := make(chan struct{}), make(chan struct{})
	var times atomic.Int64
	*exercise.ReadTable = func() ([]kernel.Socket, error) {
		if times.Add(1) > 1 {
			return slices.Clone(o.After), nil
		}
		close(reads)
		select {
		case <-second:
		case <-time.After(long): // the second call waits for the first, perhaps for its lock
		}
		return slices.Clone(o.Before), nil
	}
	defer func() { *exercise.ReadTable = kernel.AllSockets }()
	ask := func(i int) {
		holder, err := exercise.WhoHolds(o.Address)
		all[i] = holding{Holder: holder, Err: grading.ToWire(err)}
	}
	concurrently(2, func(i int) {
		if i > 0 {
			<-reads
			defer close(second)
		}
		ask(i)
	})
	for i, table := range [][]kernel.Socket{o.After, o.Before} {
		*exercise.ReadTable = func() ([]kernel.Socket, error) { return slices.Clone(table), nil }
		ask(2 + i)
	}
	return all
})
