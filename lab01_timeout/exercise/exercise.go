// Package exercise is yours: write the bodies that say panic(notBegun). Each task is the comment of its function or type.
// Grade what you wrote with
//
//	go run ./labs grade lab01
//
// and ask for a hint with go run ./labs hint PatientConn.
//
// A task is a list of sentences, each with a name. The grader checks only these sentences, read together with the text
// above them. These sentences hold in every task:
//
//   - it-returns: Your code returns when it has done what the task says, and waits for nothing else.
//   - no-panic: It doesn't panic, and it doesn't end the process.
//   - no-race: It has no data race: goroutines that use the same variable take turns, by a mutex, a channel or sync/atomic.
//     (Code that breaks no other sentence, and could have a race, is run once more, under Go's race detector.)
//   - nothing-left: When a call has returned, whatever it returns, nothing is left of what it opened or started: no
//     descriptor, no goroutine, no process.
package exercise

import (
	"net"
	"time"
)

// PatientConn is a connection on which each read has a timeout of its own, as Python's settimeout gives it. Conn is any
// net.Conn; its reads time out at its deadline, and not before. The caller may also set deadlines, by SetReadDeadline,
// SetWriteDeadline and SetDeadline, at any time. There is one read at a time. Timeout is 0 or more, and changes only
// between two reads.
//
//   - times-out: A read for which nothing has come within Timeout returns no bytes, and an error in which errors.Is finds
//     os.ErrDeadlineExceeded.
//   - whole-timeout: No read returns a timeout error sooner than Timeout after its own beginning, whatever happened in
//     earlier reads, except at the caller's deadline.
//   - zero-waits: With Timeout 0, a read has no timeout: it waits until bytes, an error or the caller's deadline end it.
//   - same-result: A read that doesn't time out makes one read of the Conn, into all of buf, and returns its result
//     unchanged: the bytes, the error, or both. It does so even if the Conn then refuses to set the caller's deadline again.
//   - nothing-lost: What arrives after a timeout can still be read, from its first byte. So can bytes that the Conn returns
//     together with a timeout.
//   - caller-deadline: The caller's read deadline stays in force until the caller changes it. A read ends at its timeout or
//     at that deadline, whichever is first, with the error of times-out. Once the deadline has passed, every read fails at
//     once with that error, even if there are bytes to read.
//   - moved-deadline: A deadline that the caller sets while a read waits counts for that read, too. Setting a deadline
//     does not restart the Timeout of a read that is waiting.
//   - none-left: A read leaves no deadline of its own on the Conn. Between reads, the Conn has the caller's deadline, or none
//     if the caller has none.
//   - writes-alone: Neither a read nor SetReadDeadline ever sets a write deadline.
//   - both-set: SetDeadline sets the caller's deadline for reads and the one for writes.
//   - refused-deadline: If the Conn refuses a deadline, SetReadDeadline and SetDeadline return an error in which errors.Is
//     finds the Conn's error. A read that can't set its timeout returns such an error, too, and doesn't read. With Timeout 0,
//     a read has no timeout to set. After a refusal, it doesn't matter which deadlines are in force until the Conn accepts what
//     it has refused.
type PatientConn struct {
	net.Conn
	Timeout time.Duration
	// What else you need.
}

// Read reads as net.Conn does, within the timeout.
func (c *PatientConn) Read(buf []byte) (int, error) {
	panic(notBegun)
}

// SetReadDeadline sets the caller's deadline for reads; the zero time removes it.
func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	panic(notBegun)
}

// SetDeadline sets the caller's deadlines for reads and for writes. It is written already.
func (c *PatientConn) SetDeadline(deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	return c.SetWriteDeadline(deadline)
}

// AskWithin connects to address, sends the request, and returns the whole reply: all that the server sends until it closes
// the connection. The budget is one duration, for all of that together. The server knows where the request ends, and
// replies when it has the whole request. AskWithin may, but need not, call CloseWrite after it has sent the request.
//
//   - one-question: In each call, the server gets one connection, and on it the whole request, and nothing else. It
//     gets only one connection even if a name has several addresses and the server listens on all of them. AskWithin
//     changes neither request nor the bytes behind it, up to its capacity.
//   - whole-reply: AskWithin returns the whole reply and no error, however long it is and in whatever pieces it comes.
//     No later call changes a reply.
//   - any-address: The address is HOST:PORT as net.Dial takes it. HOST is an IPv4 address, an IPv6 address in brackets
//     (which may have a zone), or a name; PORT is a number. If a name has several addresses, AskWithin succeeds if a
//     server listens on any of them and the others refuse.
//   - one-budget: AskWithin returns when the budget is spent, whichever step it is at, and however long the steps before
//     took. A budget of 0 or less is spent from the beginning, whatever the server does; AskWithin may connect, but need not.
//   - whole-budget: AskWithin doesn't time out before the budget is spent. There is one exception: if a name has several
//     addresses, each may have a share of the budget.
//   - says-timeout: When the budget is spent, errors.Is finds os.ErrDeadlineExceeded or context.DeadlineExceeded in the
//     error.
//   - says-other: When an error from the kernel, such as a reset, ends AskWithin, it returns at once. errors.Is finds that
//     error in the result, and neither os.ErrDeadlineExceeded nor context.DeadlineExceeded.
//   - keeps-part: With any error, AskWithin also returns the part of the reply that has come.
func AskWithin(address string, request []byte, budget time.Duration) (reply []byte, err error) {
	panic(notBegun)
}

// SendAll sends all of data on conn, which is any net.Conn, to a peer that may take its time. A write is one call of
// conn.Write. SendAll may divide data into pieces, each but the last of 1000 bytes or more. Each write may wait for patience
// at most, which is more than 0. A write has timed out if errors.Is finds os.ErrDeadlineExceeded in its error; every other
// error, even one whose Timeout method returns true, is not a timeout here. A write returns an error if conn has not taken
// all of the write's bytes, and otherwise no error. If data is empty, SendAll may make an empty write, but need not.
//
//   - sends-all: The peer gets all of data, in order: nothing is lost, and nothing is sent twice. SendAll changes
//     neither data nor the bytes behind it, up to its capacity.
//   - write-patience: A write times out when it has waited for patience.
//   - whole-patience: No write times out sooner than patience after its own beginning, whatever happened in earlier writes,
//     and however long goOn took.
//   - asks-each: SendAll calls goOn exactly once after each write that has timed out, and at no other time.
//   - tells-sum: SendAll passes goOn how many bytes of data were sent so far, in all writes together.
//   - goes-on: If goOn returns true, SendAll sends the rest of data.
//   - gives-up: If goOn returns false, SendAll writes no more and returns, and errors.Is finds os.ErrDeadlineExceeded in the
//     error.
//   - other-error: Any other error from conn before all of data is sent, including a refused deadline, ends SendAll at once.
//     errors.Is finds that error in the one that SendAll returns.
//   - counts-all: SendAll always returns how many bytes of data were sent in all. If that is all of data, the error is nil,
//     unless conn refuses to remove the deadline.
//   - none-behind: Whatever SendAll returns, the connection has no write deadline afterwards, not even one that it had
//     before, unless conn refuses deadlines.
//   - conn-untouched: SendAll does nothing else with the connection. It stays open in both directions, and keeps its
//     options, its read deadline, and what the peer has sent.
func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	panic(notBegun)
}

// MessageReader reads messages from a connection, which may be any net.Conn. A message is a length, in four bytes with the
// most significant first (big-endian), followed by that many bytes. A Conn that has failed or ended does so again when it is
// read again. Conn is set before the first call of Next, and the caller sets no read deadline; patience is more than 0. Add
// what else you need.
//
//   - whole: Next returns the bytes of the next message, without its length, even if the length is 0. It doesn't matter
//     in which pieces they arrive.
//   - one-patience: However many pieces the message comes in, one call of Next waits no longer than patience.
//   - times-out: When Next has waited that long, and no earlier, it returns no bytes, and an error in which errors.Is finds
//     os.ErrDeadlineExceeded.
//   - keeps-place: After a timeout, the next call goes on where the last one stopped, even in the middle of a length: no
//     byte is lost, and none comes twice.
//   - too-long: If a length is more than MaxMessage, Next returns an error in which errors.Is finds ErrTooLong, as soon as it
//     has the length, and so does each later call.
//   - end: When the Conn's read returns io.EOF, Next returns io.EOF itself between two messages, and an error in which
//     errors.Is finds io.ErrUnexpectedEOF within one; so does each later call. A message that is complete when the stream
//     ends is returned first, even if the Conn returns its last bytes together with io.EOF or another error.
//   - other-errors: If a read of the Conn fails with any other error, errors.Is finds that error in the one that Next returns.
//   - no-deadline: When Next has returned, the Conn has no read deadline, and its write deadline is as it was.
//   - own-bytes: A message that was returned belongs to the caller, who may change it or append to it: no later call changes
//     it, and it changes no later message. That holds for all readers together.
type MessageReader struct {
	Conn net.Conn
}

// Next returns the next message.
func (r *MessageReader) Next(patience time.Duration) ([]byte, error) {
	panic(notBegun)
}
