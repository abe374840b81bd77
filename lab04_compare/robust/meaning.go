package robust

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
)

// Meaning is what the error of a dial, a read or a write says about the other side, and so what to do next. It never
// says whether the other side has acted on what was sent: that is unknown after every failure, except where nothing was sent.
type Meaning string

const (
	// Fine: there was no error.
	Fine Meaning = "fine"
	// Slow: our own timeout has fired: a deadline, SO_RCVTIMEO or SO_SNDTIMEO. It says nothing about the peer, which
	// may answer the next moment. Close the connection, or go on using it if you know that you can: a net.Conn can go on,
	// but a json.Decoder, a bufio.Writer or a TLS handshake on top of it keeps the error. Never send the same request
	// again on this connection: you could not tell the late answer from the new one.
	Slow Meaning = "slow"
	// Lost: our own kernel has timed the connection out, or has no route to the peer. The peer was silent for too long or,
	// with TCP_USER_TIMEOUT, kept its window closed for too long. Close the connection. A new connection may work when the
	// network works again; wait longer after each attempt.
	Lost Meaning = "lost"
	// Reset: the peer's host, or a middlebox on the way, does not know the connection, or the peer has reset it. Connect
	// again.
	Reset Meaning = "reset"
	// Ended: the connection is over, in this direction at least, and the error does not say why. Usually the peer has
	// closed it. But if the connection was lost or reset, only one call gets that error, and the other calls get Ended. A
	// write after our own CloseWrite gets Ended, too, and so do a TLS write that has timed out and all later TLS writes.
	// Close the connection. If an answer was still due, ask again on a new connection, if asking twice does no harm.
	Ended Meaning = "ended"
	// Refused: nothing was sent, because nobody accepts the connection: nobody listens, or the listener's queue is full.
	// Try again after a while: the server may be about to start.
	Refused Meaning = "refused"
	// Exhausted: we have no descriptor or no local port left. The peer is not the cause. Close what you don't need.
	Exhausted Meaning = "exhausted"
	// Canceled: we have ended the call ourselves, with a context or by closing the connection. Do nothing.
	Canceled Meaning = "canceled"
	// Unknown: the error is none of these, and says nothing about the connection. It may be a mistake of ours, or the error of a
	// protocol above TCP: for example, if an HTTP/2 peer answers no ping, the error has no type of its own. Close the
	// connection, and look at the error.
	Unknown Meaning = "unknown"
)

// meanings are tried in this order. The kernel's errors come before our own timeouts: an error may contain both.
var meanings = []struct {
	meaning Meaning
	errors  []error
}{
	{Canceled, []error{context.Canceled, net.ErrClosed}},
	{Refused, []error{connectionRefused}},
	{Reset, []error{connectionReset}},
	{Lost, []error{timedOut, hostUnreachable, hostDown, networkUnreachable, networkDown}},
	{Ended, []error{io.EOF, io.ErrUnexpectedEOF, shutDown, notConnected, connectionAborted}},
	{Exhausted, []error{noDescriptor}},
	{Slow, []error{syscall.EINPROGRESS}},
}

// MeaningOf returns the meaning of the error of a dial, a read or a write.
//
// Some errors of the system mean one thing for a connect and another for a read. The errors of package net say which
// call it was. If you make system calls yourself, wrap their errors with os.NewSyscallError.
func MeaningOf(err error) Meaning {
	if err == nil {
		return Fine
	}
	for _, m := range meanings {
		if slices.ContainsFunc(m.errors, func(target error) bool { return errors.Is(err, target) }) {
			return m.meaning
		}
	}
	if m, depends := meaningByCall(err); depends {
		return m
	}
	return meaningOfTimeout(err)
}

// meaningByCall knows the errors whose meaning depends on the system call.
func meaningByCall(err error) (m Meaning, depends bool) {
	var call *os.SyscallError
	known := errors.As(err, &call)
	connecting := known && call.Syscall == connect
	switch {
	case connecting && errors.Is(err, noAddress):
		return Exhausted, true // no local port is left
	case connecting && errors.Is(err, syscall.EAGAIN):
		return Refused, true // an AF_UNIX listener's queue is full: connect(2)
	case !known && errors.Is(err, syscall.EAGAIN):
		return Unknown, true // it could be Refused, or Slow (SO_RCVTIMEO)
	default:
		return "", false
	}
}

// meaningOfTimeout asks the error's method Timeout. Timeout returns true for a lost connection, too, but MeaningOf has
// already recognized those errors. A timeout that is not temporary comes from a TLS write, after which no other write can succeed.
func meaningOfTimeout(err error) Meaning {
	var own net.Error
	isTimeout := errors.As(err, &own) && own.Timeout()
	switch {
	case isTimeout && !own.Temporary():
		return Ended
	case isTimeout, errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Slow
	default:
		return Unknown
	}
}
