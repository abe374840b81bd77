package exercise_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"syscall"

	"socketlabs/harness/grading"
	"socketlabs/lab04_compare/exercise"
)

// described describes an error, layer by layer. The grader sends the description to the student's process, which makes
// the error from it. So NextStep gets the same types that net returns.
type described struct {
	Layer  layer
	Text   string // of the layer, or the name of an error in ends
	Errno  syscall.Errno
	Inside []described
}

type layer string

const (
	opError      layer = "net.OpError"     // Text is its Op
	syscallError layer = "os.SyscallError" // Text is its Syscall
	errno        layer = "errno"
	end          layer = "end"     // an error in ends
	unheardOf    layer = "unheard" // an error that has only a text
	wrapped      layer = "fmt.Errorf"
	joined       layer = "errors.Join"
	holder       layer = "Unwrap() error"
	holderOfAll  layer = "Unwrap() []error"
	list         layer = "a list of errors" // a type with Unwrap() []error that can't be compared; the first and the last error are nil
	noted        layer = "Unwrap() error, of a type that can't be compared"
	emptyHolder  layer = "Unwrap() error, which is nil"
	slow         layer = "net.Error, whose Timeout() bool is true" // a type outside the standard library
	noSuchHost   layer = "net.DNSError"
	endOfLookup  layer = "net.DNSError, which wraps another"
	slowNames    layer = "net.DNSError, which says that it is a timeout"
	brokenNames  layer = "net.DNSError, which says that it is temporary"
)

// ends are errors that are recognized by ==. Two of them are unexported variables of net: we get them from dials whose
// context has ended.
var ends = map[string]error{
	"io.EOF":                   io.EOF,
	"io.ErrShortWrite":         io.ErrShortWrite,
	"io.ErrNoProgress":         io.ErrNoProgress,
	"io.ErrUnexpectedEOF":      io.ErrUnexpectedEOF,
	"io.ErrClosedPipe":         io.ErrClosedPipe,
	"os.ErrClosed":             os.ErrClosed,
	"os.ErrDeadlineExceeded":   os.ErrDeadlineExceeded,
	"net.ErrClosed":            net.ErrClosed,
	"context.DeadlineExceeded": context.DeadlineExceeded,
	"context.Canceled":         context.Canceled,
	"a dial that is canceled":  ofDial(context.WithCancel(context.Background())),
	"a dial that is too late":  ofDial(context.WithTimeout(context.Background(), 0)),
}

// ofDial returns the error inside the net.OpError of a dial whose context has ended.
func ofDial(ctx context.Context, cancel context.CancelFunc) error {
	cancel()
	_, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:0")
	var op *net.OpError
	errors.As(err, &op)
	return op.Err
}

// describe describes an error that net or io has returned.
func describe(err error) described {
	for name, known := range ends {
		if err == known {
			return described{Layer: end, Text: name}
		}
	}
	switch err := err.(type) {
	case *net.OpError:
		return described{Layer: opError, Text: err.Op, Inside: []described{describe(err.Err)}}
	case *os.SyscallError:
		return described{Layer: syscallError, Text: err.Syscall, Inside: []described{describe(err.Err)}}
	case syscall.Errno:
		return described{Layer: errno, Errno: err}
	}
	panic(fmt.Sprintf("describe does not know this type of error: %T, %[1]v", err))
}

// err makes the error that d describes.
func (d described) err() error {
	var inside []error
	for _, i := range d.Inside {
		inside = append(inside, i.err())
	}
	switch d.Layer {
	case opError:
		return &net.OpError{Op: d.Text, Net: "tcp", Err: inside[0]}
	case syscallError:
		return os.NewSyscallError(d.Text, inside[0])
	case errno:
		return d.Errno
	case end:
		return ends[d.Text]
	case unheardOf:
		return errors.New(d.Text)
	case wrapped:
		return fmt.Errorf("%s: %w", d.Text, inside[0])
	case joined:
		return errors.Join(inside...)
	case holder:
		return &holds{d.Text, inside[0]}
	case noted:
		return notes{[]string{d.Text}, inside[0]}
	case emptyHolder:
		return &holds{text: d.Text}
	case list:
		return errorList(slices.Concat([]error{nil}, inside, []error{nil}))
	case slow:
		return takesLong(d.Text)
	case noSuchHost:
		return &net.DNSError{Err: "no such host", Name: d.Text, IsNotFound: true}
	case endOfLookup:
		return &net.DNSError{Err: inside[0].Error(), Name: d.Text, UnwrapErr: inside[0]}
	case slowNames:
		return &net.DNSError{Err: "server misbehaving", Name: d.Text, IsTimeout: true, IsTemporary: true}
	case brokenNames:
		return &net.DNSError{Err: "server misbehaving", Name: d.Text, IsTemporary: true}
	default:
		return &holdsAll{d.Text, inside}
	}
}

// ended is a call that has ended. The student's process makes its error from Err, unless IsNil says that there is none.
type ended struct {
	During exercise.Call
	IsNil  bool
	Err    described
}

// next is the step, and whether the error is another one after the call of NextStep.
type next struct {
	Step    exercise.Step
	Changed bool
}

var nextStep = grading.Export("NextStep", func(e ended) next {
	if e.IsNil {
		return next{Step: exercise.NextStep(e.During, nil)}
	}
	err := e.Err.err()
	before := shapeOf(err)
	step := exercise.NextStep(e.During, err)
	return next{step, shapeOf(err) != before}
})

// shapeOf names the types and texts of an error and of all errors in it.
func shapeOf(err error) string {
	if err == nil {
		return "nil"
	}
	shape := fmt.Sprintf("%T %[1]v", err)
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		shape += "(" + shapeOf(err.Unwrap()) + ")"
	case interface{ Unwrap() []error }:
		for _, inside := range err.Unwrap() {
			shape += "(" + shapeOf(inside) + ")"
		}
	}
	return shape
}

// holds is an error type outside the standard library. Its Unwrap returns one error, or nil.
type holds struct {
	text   string
	inside error
}

func (e *holds) Error() string { return e.text }
func (e *holds) Unwrap() error { return e.inside }

// notes is an error type whose values can't be compared: == panics.
type notes struct {
	texts  []string
	inside error
}

func (e notes) Error() string { return fmt.Sprint(e.texts, e.inside) }
func (e notes) Unwrap() error { return e.inside }

// holdsAll is an error type outside the standard library. Its Unwrap returns several errors, or none.
type holdsAll struct {
	text   string
	inside []error
}

func (e *holdsAll) Error() string   { return e.text }
func (e *holdsAll) Unwrap() []error { return e.inside }

// errorList is an error type whose values can't be compared: == panics.
type errorList []error

func (e errorList) Error() string   { return fmt.Sprint([]error(e)) }
func (e errorList) Unwrap() []error { return e }

// takesLong is a net.Error outside the standard library. It says that it is a timeout.
type takesLong string

func (e takesLong) Error() string   { return string(e) }
func (e takesLong) Timeout() bool   { return true }
func (e takesLong) Temporary() bool { return true }
