package exercise_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"socketlabs/lab04_compare/exercise"
)

// This file makes the forms in which an error may come: bare, as net returns it, wrapped, and joined with others.

// lastErrno is the largest error number of Linux: asm-generic/errno.h.
const lastErrno = unix.EHWPOISON

// unnamed returns a failure for each call and each of the kernel's error numbers that no sentence names for this call. It
// includes 0, which is not an error number.
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

// byNet returns the error as net returns it: an error number, or an error in ends, is inside a net.OpError. io.EOF,
// io.ErrUnexpectedEOF and all other errors are bare.
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

// wrappings returns the error wrapped in others, and joined with others, in ways that do not change the step.
func wrappings(d described, text string) (all []described) {
	other := described{Layer: unheardOf, Text: text}
	around := func(layer layer, inside ...described) described {
		return described{Layer: layer, Text: text, Inside: inside}
	}
	return []described{
		around(wrapped, d),
		around(holder, d),
		around(noted, around(noted, d)),
		around(joined, d, other),
		around(joined, other, d),
		around(holderOfAll, other, other, d),
		around(wrapped, around(joined, other, around(holder, around(joined, around(wrapped, d), other)))),
	}
}

// otherOps returns other values that OpError.Op may have for this call: a connect through a proxy, for example, reads and
// writes, too.
func (f failure) otherOps() []string {
	if f.during == exercise.Connect {
		return []string{"read", "write"}
	}
	return []string{"dial", "close", "read", "write"}
}

// amongOthers returns the error joined with others that lead to Report. These do not change the step, wherever they are,
// and whatever their type is. A broken pipe is one of them during a connect. amongOthers also returns the error wrapped
// many times, and in an OpError with other operations and system calls than usual.
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
	for _, layers := range [][]layer{{wrapped}, {joined, list, holderOfAll}, {wrapped, holder, noted, joined, list}} {
		deep := described{Layer: list, Inside: []described{{Layer: list, Inside: []described{d}}}}
		for range 100 + rand.IntN(100) {
			deep = described{Layer: layers[rand.IntN(len(layers))], Text: "on", Inside: []described{deep}}
		}
		all = append(all, deep)
	}
	for _, call := range []string{"sendto", "splice"} { // net also uses system calls other than connect, write and read
		all = append(all, described{Layer: opError, Text: "copy", Inside: []described{{Layer: syscallError, Text: call, Inside: []described{f.bare}}}})
	}
	for _, op := range f.otherOps() {
		all = append(all, described{Layer: opError, Text: op, Inside: []described{f.bare}})
	}
	if f.during == exercise.Connect && strings.HasPrefix(f.bare.Text, "a dial that is") { // while net looks up the address
		lookup := described{Layer: endOfLookup, Text: "bank.example", Inside: []described{f.bare}}
		all = append(all, described{Layer: opError, Text: "dial", Inside: []described{lookup}})
	}
	return append(all, described{Layer: opError, Text: "proxy", Inside: []described{{Layer: wrapped, Text: "on", Inside: []described{f.bare}}}})
}
