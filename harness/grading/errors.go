package grading

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"slices"
	"syscall"
)

// WireError is an error as it travels between the two processes: its text, and those errors, known to both processes,
// that errors.Is and errors.As find in it.
type WireError struct {
	Text   string
	Type   string          // the name of its Go type
	Known  []string        // names of the errors in known that errors.Is finds
	Errnos []syscall.Errno // all the kernel's errors in it
	Like   []syscall.Errno // the kernel's errors that its own method Is matches
	Marks  []string        // every [Mark] in it
	Net    *NetError       // the first net.Error in it
	IsNet  bool            // the error itself is the net.Error

	HoldsNil bool // it is a nil pointer in an interface
}

// NetError is what a net.Error says about itself.
type NetError struct{ IsTimeout, IsTemporary bool }

func (e *NetError) Error() string   { return "a network error" }
func (e *NetError) Timeout() bool   { return e.IsTimeout }
func (e *NetError) Temporary() bool { return e.IsTemporary }

// Mark is an error that a grader defines, for example for a scripted connection to return. errors.Is finds it in
// whatever error the student's code wraps around it.
type Mark string

func (m Mark) Error() string { return string(m) }

var known = map[string]error{
	"os.ErrDeadlineExceeded":   os.ErrDeadlineExceeded,
	"os.ErrNoDeadline":         os.ErrNoDeadline,
	"context.DeadlineExceeded": context.DeadlineExceeded,
	"context.Canceled":         context.Canceled,
	"io.EOF":                   io.EOF,
	"io.ErrUnexpectedEOF":      io.ErrUnexpectedEOF,
	"io.ErrShortWrite":         io.ErrShortWrite,
	"io.ErrClosedPipe":         io.ErrClosedPipe,
	"io.ErrNoProgress":         io.ErrNoProgress,
	"net.ErrClosed":            net.ErrClosed,
}

// ToWire prepares an error for the other process. It returns nil for nil.
func ToWire(err error) *WireError {
	if err == nil {
		return nil
	}
	kind := fmt.Sprintf("%T", err)
	if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.IsNil() {
		return &WireError{Text: "an error that holds a nil pointer, and so is not nil", Type: kind, HoldsNil: true} // its methods may panic
	}
	e := &WireError{Text: err.Error(), Type: kind}
	for name, which := range known {
		if errors.Is(err, which) {
			e.Known = append(e.Known, name)
		}
	}
	slices.Sort(e.Known)
	e.gather(err)
	e.askForErrnos(err)
	var ofNet net.Error
	if errors.As(err, &ofNet) {
		_, e.IsNet = err.(net.Error)
		e.Net = &NetError{ofNet.Timeout(), ofNet.Temporary()}
	}
	return e
}

// gather finds the kernel's errors and the marks in the whole tree of wrapped errors.
func (e *WireError) gather(err error) {
	switch err := err.(type) {
	case nil:
		return
	case syscall.Errno:
		e.Errnos = append(e.Errnos, err)
	case Mark:
		e.Marks = append(e.Marks, string(err))
	case *arrived:
		e.Errnos, e.Marks = append(e.Errnos, err.Errnos...), append(e.Marks, err.Marks...)
		return
	case *arrivedNet:
		e.gather(err.arrived)
		return
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		e.gather(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inside := range err.Unwrap() {
			e.gather(inside)
		}
	}
}

// askForErrnos finds the kernel's errors that an error's own method Is matches.
func (e *WireError) askForErrnos(err error) {
	const most = 133 // on Linux: errno(3)
	for errno := syscall.Errno(1); errno <= most; errno++ {
		if !slices.Contains(e.Errnos, errno) && errors.Is(err, errno) {
			e.Like = append(e.Like, errno)
		}
	}
}

// Err returns the error in the process where it has arrived: nil, a well-known error itself, or an error in which
// errors.Is and errors.As find the same errors as before.
func (e *WireError) Err() error {
	switch {
	case e == nil:
		return nil
	case len(e.Known) == 1 && known[e.Known[0]] != nil && known[e.Known[0]].Error() == e.Text:
		return known[e.Known[0]]
	case len(e.Errnos) == 1 && e.Errnos[0].Error() == e.Text:
		return e.Errnos[0]
	case e.IsNet && e.Net != nil:
		return &arrivedNet{&arrived{*e}}
	}
	return &arrived{*e}
}

// arrived is an error that has come from the other process.
type arrived struct{ WireError }

// arrivedNet is an arrived error that is itself a net.Error.
type arrivedNet struct{ *arrived }

func (e *arrived) Error() string { return e.Text }

func (e *arrived) Is(target error) bool {
	if errno, isErrno := target.(syscall.Errno); isErrno {
		return slices.Contains(e.Like, errno)
	}
	return e.hides(target) && slices.ContainsFunc(e.Known, func(name string) bool { return known[name] == target })
}

// hides reports whether inside is a net.Error, and errors.As found none in the error that has arrived: that error's own method Is matched
// inside.
func (e *arrived) hides(inside error) bool {
	_, isNet := inside.(net.Error)
	return isNet && e.Net == nil
}

func (e *arrivedNet) Timeout() bool   { return e.Net.IsTimeout }
func (e *arrivedNet) Temporary() bool { return e.Net.IsTemporary }

func (e *arrived) Unwrap() (inside []error) {
	for _, name := range e.Known {
		if known[name] != nil && !e.hides(known[name]) {
			inside = append(inside, known[name])
		}
	}
	for _, errno := range e.Errnos {
		inside = append(inside, errno)
	}
	for _, mark := range e.Marks {
		inside = append(inside, Mark(mark))
	}
	if e.Net != nil && !e.IsNet {
		inside = append(inside, e.Net)
	}
	return inside
}
