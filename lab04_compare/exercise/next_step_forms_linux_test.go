package exercise_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"socketlabs/lab04_compare/exercise"
)

// The forms that an error comes in.

// lastErrno is the last number of an error that Linux has: asm-generic/errno.h.
const lastErrno = unix.EHWPOISON

// unnamed are the ends by all of the kernel's numbers that no sentence names for the call, and by 0, which is none of them.
func unnamed() (all []failure) {
	for _, during := range anyCall {
		for n := syscall.Errno(0); n <= lastErrno; n++ {
			if !slices.ContainsFunc(rules, func(r rule) bool {
				return r.want != exercise.Report && slices.Contains(r.during, during) &&
					slices.ContainsFunc(r.bare, func(d described) bool { return d.Layer == errno && d.Errno == n })
			}) {
				all = append(all, failure{"our-fault", during, described{Layer: errno, Errno: n}, false,
					exercise.Report, "no sentence names it for this call", ""})
			}
		}
	}
	return all
}

// byNet is the error as net returns it. An end of the stream is returned bare.
func (f failure) byNet() described {
	op := map[exercise.Call]string{exercise.Connect: "dial", exercise.Send: "write", exercise.Receive: "read"}[f.during]
	call := map[exercise.Call]string{exercise.Connect: "connect", exercise.Send: "write", exercise.Receive: "read"}[f.during]
	inside := f.bare
	switch {
	case f.isNil, inside.Text == "io.EOF" || inside.Text == "io.ErrUnexpectedEOF" || inside.Layer != errno && inside.Layer != end:
		return inside
	case inside.Layer == errno:
		inside = described{Layer: syscallError, Text: call, Inside: []described{inside}}
	}
	return described{Layer: opError, Text: op, Inside: []described{inside}}
}

// wrappings put others around an error, which leave its meaning as it is.
func wrappings(d described, text string) (all []described) {
	other := described{Layer: unheardOf, Text: text}
	around := func(layer layer, inside ...described) described {
		return described{Layer: layer, Text: text, Inside: inside}
	}
	return []described{
		around(wrapped, d),
		around(holder, d),
		around(joined, d, other),
		around(joined, other, d),
		around(holderOfAll, other, other, d),
		around(wrapped, around(joined, other, around(holder, around(joined, around(wrapped, d), other)))),
	}
}

// otherOps are what net may have been doing besides: a connect through a proxy reads and writes, too.
func (f failure) otherOps() []string {
	if f.during == exercise.Connect {
		return []string{"read", "write"}
	}
	return []string{"dial", "close"}
}

// amongOthers wraps and joins an error with others that lead to Report: those have no say, wherever they are, and of
// whatever type. A broken pipe is one of them during a connect.
func (f failure) amongOthers() (all []described) {
	others := []described{
		{Layer: opError, Text: "dial", Inside: []described{{Layer: syscallError, Text: "socket", Inside: numbers(syscall.EMFILE)}}},
		numbers(syscall.EACCES)[0], {Layer: slow, Text: "slow"}, {Layer: emptyHolder}, {Layer: holderOfAll},
		{Layer: noSuchHost, Text: "bank.invalid"},
	}
	if f.during == exercise.Connect {
		others = append(others, numbers(syscall.EPIPE)...)
	}
	d := f.byNet()
	for i := range others { // each of them is first once
		others := slices.Concat(others[i:], others[:i])
		all = append(all, described{Layer: joined, Inside: slices.Insert(others, 1+i%(len(others)-1), d)})
	}
	deep := described{Layer: list, Inside: []described{{Layer: list, Inside: []described{d}}}}
	for range 100 + rand.IntN(100) {
		deep = described{Layer: wrapped, Text: "on", Inside: []described{deep}}
	}
	for _, call := range []string{"sendto", "splice"} { // net uses others than connect, write and read, too
		all = append(all, described{Layer: opError, Text: "copy", Inside: []described{{Layer: syscallError, Text: call, Inside: []described{f.bare}}}})
	}
	for _, op := range f.otherOps() {
		all = append(all, described{Layer: opError, Text: op, Inside: []described{f.bare}})
	}
	if f.during == exercise.Connect && strings.HasPrefix(f.bare.Text, "a dial that is") { // while net looks for the address
		lookup := described{Layer: endOfLookup, Text: "bank.example", Inside: []described{f.bare}}
		all = append(all, described{Layer: opError, Text: "dial", Inside: []described{lookup}})
	}
	return append(all, deep, described{Layer: opError, Text: "proxy", Inside: []described{{Layer: wrapped, Text: "on", Inside: []described{f.bare}}}})
}
