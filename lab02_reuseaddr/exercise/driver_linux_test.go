package exercise_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"
	"unsafe"

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
	First   bool // the kernel refuses only the first of them that is made
}

// refuse makes the kernel refuse the system calls of this goroutine, until end is called.
func (p place) refuse() (end func(), err error) {
	if p.First {
		return refuse.First(p.Refused...)
	}
	return func() {}, refuse.OnThisThread(p.Refused...)
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

// callersAnswer is an answer in the student's process.
type callersAnswer struct {
	bytes   []byte
	watched bool // isWritten can tell whether code has written to it
}

// makeAnswer makes the answer before the grader calls EndConversation, because the time to make a long answer must not count.
// Behind an answer that is not just an empty line, the array goes on with behind.
var makeAnswer = grading.Export("an answer", func(d grading.Data) grading.Handle[callersAnswer] {
	answer := answerOf(d)
	array := slices.Clip(answer)
	if d.Size > 0 {
		array = append(array, behind...)
	}
	array, watched := watchable(array)
	return grading.Keep(callersAnswer{array[:len(answer)], watched})
})

const behind = "behind the answer"

// keptAnswer is an answer with the data that it was made from.
type keptAnswer struct {
	Answer grading.Handle[callersAnswer]
	Of     grading.Data
}

// answerChanged reports whether an answer, or the array behind it, is different from what makeAnswer made.
var answerChanged = grading.Export("the answer, while it is sent", func(k keptAnswer) bool {
	answer, want := k.Answer.Get().bytes, append(answerOf(k.Of), behind...)
	k.Answer.Drop()
	return !bytes.Equal(answer[:min(cap(answer), len(want))], want)
})

// last has the arguments of EndConversation.
type last struct {
	Conn     grading.Conn
	Answer   grading.Handle[callersAnswer]
	Patience time.Duration
	Watched  bool           // whether ended has Lost
	OneLine  bool           // the answer is oneLine
	Kept     bool           // the grader looks at Answer during the call: answerChanged
	From     netip.AddrPort // the client's address; not valid: any
	Mapped   bool           // conn is an IPv6 socket, and the client has an IPv4 address
}

// ended has the error that EndConversation returns, and the entries that the kernel's table then has of the server's end.
type ended struct {
	Err     *grading.WireError
	Lasted  time.Duration // the length of the call, without the way between the two processes
	Left    []kernel.Socket
	Changed bool // EndConversation has changed the answer, or the array behind it
	Written bool // EndConversation has written to one of them, perhaps the bytes that were there
	Lost    bool // EndConversation has closed a descriptor that it has not opened
	Behind  bool // conn's descriptor is closed, and conn is not
}

var endConversation = grading.Export("EndConversation", func(l last) ended {
	conn, callers := l.Conn.Get().(*net.TCPConn), l.Answer.Get()
	answer := callers.bytes
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
	e.Written = callers.watched && isWritten(answer)
	e.Left, _ = kernel.AllSockets() // without the error: the grader reads the table later, too
	e.Left = slices.DeleteFunc(e.Left, func(s kernel.Socket) bool { return s.Local != at || s.Remote != with })
	return e
})

// answerOf returns the data and a line feed. Before this line feed, there may be a byte that code may take for a part of the
// line's end: a carriage return, another line feed, or a space. There can be line feeds within the data, too, but not in oneLine.
func answerOf(d grading.Data) []byte {
	ends := []string{"\n", "\r\n", "\n\n", " \n"}
	data := d.Bytes()
	if d.Seed&oneLine != 0 {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("_"))
	}
	return append(data, ends[d.Seed%uint64(len(ends))]...)
}

// oneLine is the bit in the seed of data that makes the answer one line, however long it is.
const oneLine = 1 << 63

// watchable returns a copy of the data in memory of its own: a private mapping of a file. When code writes to such memory, even the
// bytes that are there already, the kernel copies the page. Long data stays where it is. The memory is never unmapped, because code
// that is wrong may still use it.
func watchable(data []byte) (memory []byte, watched bool) {
	const longest = 1 << 20
	if len(data) > longest {
		return data, false
	}
	fd, err := unix.MemfdCreate("answer", unix.MFD_CLOEXEC)
	if err != nil {
		return data, false
	}
	defer unix.Close(fd)
	if n, err := unix.Write(fd, data); err != nil || n < len(data) {
		return data, false
	}
	memory, err = unix.Mmap(fd, 0, len(data), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	if err != nil {
		return data, false
	}
	return memory, true
}

// isWritten reports whether a page of a private mapping is a copy, and no page of the file any more: proc_pid_pagemap(5).
func isWritten(memory []byte) bool {
	pagemap, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return false // this machine can't show it
	}
	defer pagemap.Close()
	size := os.Getpagesize()
	const entry, present, ofFile = 8, 1 << 63, 1 << 61 // the size of an entry in bytes, and two of its bits
	entries := make([]byte, (cap(memory)+size-1)/size*entry)
	first := uintptr(unsafe.Pointer(unsafe.SliceData(memory))) / uintptr(size)
	if _, err := pagemap.ReadAt(entries, int64(first)*entry); err != nil {
		return false
	}
	for e := range slices.Chunk(entries, entry) {
		if bits := binary.NativeEndian.Uint64(e); bits&present != 0 && bits&ofFile == 0 {
			return true
		}
	}
	return false
}
