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

// Meaning is what the end of a socket call says about the other side, and so what to do next.
type Meaning string

const (
	// Fine: there was no error.
	Fine Meaning = "fine"
	// Slow: our own time-out fired: a deadline of Go's, or SO_RCVTIMEO and its like. It says nothing about the peer, which may answer the next moment.
	// Wait on, or give the request up and close the connection; never send the same request on it
	// again, for the late answer would be taken for the new one.
	Slow Meaning = "slow"
	// Dead: the kernel has heard nothing for too long, or was told that there is no way to the peer.
	// Drop the connection. A new one may work when the network does; wait longer between attempts.
	Dead Meaning = "dead"
	// Reset: the peer's host is there and knows nothing of the connection (any more). Connect anew
	// at once. What was sent before may have been acted on, or not.
	Reset Meaning = "reset"
	// Closed: the peer has ended the conversation in good order. Close our side too. If an answer
	// was still due, ask again on a new connection, where asking twice does no harm.
	Closed Meaning = "closed"
	// Refused: the host is there and nobody listens on the port. Try again after a while: the server
	// may be about to start.
	Refused Meaning = "refused"
	// Cancelled: we have ended it ourselves, by a context or by closing the connection. Do nothing.
	Cancelled Meaning = "cancelled"
	// Unknown: none of these. Look at the error: more often than not it is a mistake of ours.
	Unknown Meaning = "unknown"
)

// meanings are tried in this order. The kernel's ETIMEDOUT comes before our own time-outs, for an
// error may carry both, and being dead is the stronger word.
var meanings = []struct {
	meaning Meaning
	errors  []error
}{
	{Cancelled, []error{context.Canceled, net.ErrClosed}},
	{Refused, []error{connectionRefused}},
	{Reset, []error{connectionReset, connectionAborted}},
	{Dead, []error{timedOut, hostUnreachable, networkUnreachable}},
	{Closed, []error{io.EOF, io.ErrUnexpectedEOF, syscall.EPIPE}},
	{Slow, []error{os.ErrDeadlineExceeded, context.DeadlineExceeded, syscall.EAGAIN, syscall.EINPROGRESS}},
}

// MeaningOf tells the errors of socket calls apart. It does not ask Timeout(), which is true of a
// slow peer and of a dead one.
func MeaningOf(err error) Meaning {
	if err == nil {
		return Fine
	}
	for _, m := range meanings {
		if slices.ContainsFunc(m.errors, func(target error) bool { return errors.Is(err, target) }) {
			return m.meaning
		}
	}
	return Unknown
}
