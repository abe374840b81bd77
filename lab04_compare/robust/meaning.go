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
// says whether what was sent has been acted on: that is unknown after every failure, except where nothing was sent.
type Meaning string

const (
	// Fine: there was no error.
	Fine Meaning = "fine"
	// Slow: our own timeout has fired: a deadline, or SO_RCVTIMEO and its like. It says nothing about the peer, which
	// may answer the next moment. Close the connection, or go on with it if you know that you can: a net.Conn can, but
	// a json.Decoder, a bufio.Writer or a TLS handshake in between keeps the error. Never send the same request on it
	// again, because the late answer would be taken for the new one.
	Slow Meaning = "slow"
	// Lost: our own kernel has timed the connection out, or has no route to the peer. For too long nothing was
	// acknowledged: the peer was silent, or, under TCP_USER_TIMEOUT, it answered and kept its window closed. Close the
	// connection. A new one may work when the network does; wait longer between attempts.
	Lost Meaning = "lost"
	// Reset: the peer's host, or a middlebox on the way, does not know the connection, or the peer has ended it at once.
	// Connect anew.
	Reset Meaning = "reset"
	// Ended: the connection is over, in this direction at least, and this call is not told why. Usually the peer has
	// closed it. But of several calls only one is told that the connection is lost or reset, and the others get this;
	// so does a write after our own CloseWrite, and TLS after a write that has timed out. Close the connection. If an
	// answer was still due, ask again on a new one, where asking twice does no harm.
	Ended Meaning = "ended"
	// Refused: nothing was sent, because nobody takes the connection: nobody listens, or the listener's queue is full.
	// Try again after a while: the server may be about to start.
	Refused Meaning = "refused"
	// Exhausted: we have no descriptor or no local port left. The peer has no part in it. Close what you don't need.
	Exhausted Meaning = "exhausted"
	// Canceled: we have ended it ourselves, by a context or by closing the connection. Do nothing.
	Canceled Meaning = "canceled"
	// Unknown: none of these, and it says nothing about the connection. It may be a mistake of ours, or the error of a
	// protocol above TCP: that of an HTTP/2 connection that answers no ping has no type. Close the connection, and
	// look at the error.
	Unknown Meaning = "unknown"
)

// meanings are tried in this order. What the kernel says comes before our own timeouts: an error may say both.
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

// MeaningOf tells the errors of dials, reads and writes apart.
//
// Some errors of the system mean one thing for a connect and another for a read. The net package says in its errors
// which call it was. If you make system calls yourself, say it by os.NewSyscallError.
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

// meaningByCall knows the errors that depend on the system call.
func meaningByCall(err error) (m Meaning, depends bool) {
	var call *os.SyscallError
	known := errors.As(err, &call)
	connecting := known && call.Syscall == connect
	switch {
	case connecting && errors.Is(err, noAddress):
		return Exhausted, true // of local ports
	case connecting && errors.Is(err, syscall.EAGAIN):
		return Refused, true // at once: connect(2), of AF_UNIX
	case !known && errors.Is(err, syscall.EAGAIN):
		return Unknown, true // refused, or slow: SO_RCVTIMEO
	default:
		return "", false
	}
}

// meaningOfTimeout asks Timeout. That is true of a lost connection, too, which has been recognized before. A timeout
// that is not temporary comes from a TLS write, after which no other write can succeed.
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
