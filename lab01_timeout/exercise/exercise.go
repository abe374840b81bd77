// Package exercise is yours: write the bodies that say panic(notBegun). Each task stands above its
// function. Grade what you wrote with
//
//	go run ./labs grade lab01
//
// and ask for a hint with go run ./labs hint PatientConn.
//
// A task is a list of sentences, each with a name. The grader checks every one of them, and nothing else. These hold in
// every task:
//
//   - it-returns: Your code returns when it has done what the task says, and waits for nothing else.
//   - no-panic: It doesn't panic, and it doesn't end the process.
//   - nothing-left: When it has returned, whatever it returns, nothing is left of what it has opened or started: no
//     descriptor, no goroutine, no process.
package exercise

import (
	"net"
	"time"
)

// PatientConn is a connection whose reads have a timeout each, as Python's settimeout gives it. Conn is any net.Conn.
// The caller may set deadlines besides, by SetReadDeadline, SetWriteDeadline and SetDeadline, at any time. One read
// is made at a time, and Timeout changes only between two reads.
//
//   - times-out: A read that has waited for Timeout returns no bytes, and an error by which errors.Is finds
//     os.ErrDeadlineExceeded.
//   - whole-timeout: No read times out earlier than that, whatever happened in reads before.
//   - zero-waits: With Timeout 0 a read has no timeout: it waits as long as it takes.
//   - same-result: Otherwise a read returns what one read of the Conn returns, as it is: the bytes, the error, or both.
//   - nothing-lost: What comes after a timeout can still be read, from its first byte.
//   - caller-deadline: The caller's read deadline stays in force until the caller moves it: a read ends at its timeout
//     or at that deadline, whichever is first. A deadline that is over ends every read.
//   - moved-deadline: A deadline that the caller sets while a read waits counts for that read, too. It doesn't change
//     when the read times out.
//   - none-left: A read leaves no deadline of its own at the Conn. Between reads, the Conn has the caller's or none.
//   - writes-alone: A read never sets a write deadline.
//   - both-set: SetDeadline sets the caller's deadline for reads and the one for writes.
//   - refused-deadline: If the Conn refuses a deadline, SetReadDeadline returns the Conn's error, and so does a read that
//     can't set its timeout.
type PatientConn struct {
	net.Conn
	Timeout time.Duration
	// What else you need.
}

// Read reads as net.Conn does, within the timeout.
func (c *PatientConn) Read(buf []byte) (int, error) {
	panic(notBegun)
}

// SetReadDeadline sets the caller's deadline for reads; the zero time takes it away.
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

// AskWithin connects to address, sends the question, and returns the whole reply: all that the server sends until it
// closes the connection. The server answers when it has the whole question. AskWithin has the budget for all of that
// together.
//
//   - one-question: The server gets one connection, and on it the question, whole.
//   - whole-reply: AskWithin returns the whole reply and no error, however long it is and in whatever pieces it comes.
//   - any-address: The address has an IPv4 address, an IPv6 address or a name, and a port.
//   - one-budget: AskWithin returns when the budget is spent, whatever it does then and whatever it has done before. A
//     budget of 0 or less is spent from the beginning.
//   - whole-budget: It doesn't give up before that.
//   - says-timeout: When the budget is spent, errors.Is finds os.ErrDeadlineExceeded or context.DeadlineExceeded in the
//     error.
//   - says-other: When something else ends it, AskWithin returns at once, and errors.Is finds the kernel's error in the
//     error, and none of those two.
//   - keeps-part: With an error, it returns what has come of the reply.
func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	panic(notBegun)
}

// SendAll sends all of data on conn, which is any net.Conn, to a peer that may take its time. Each write may wait for
// patience at most. A timeout is an error in which errors.Is finds os.ErrDeadlineExceeded, and no other.
//
//   - sends-all: The peer gets all of data, in order: nothing is lost, and nothing is sent twice.
//   - write-patience: A write ends when it has waited for patience.
//   - whole-patience: Every write may wait for the whole of it, whatever happened in writes before.
//   - asks-each: After a write that has timed out, and only then, SendAll calls goOn, once.
//   - tells-sum: It tells goOn how many bytes were sent so far, in all.
//   - goes-on: If goOn says yes, it sends the rest.
//   - gives-up: If goOn says no, it returns, and errors.Is finds os.ErrDeadlineExceeded in the error.
//   - other-error: Any other error of conn's, also of a deadline that conn refuses, ends it at once, and errors.Is finds
//     that error in the one that it returns.
//   - counts-all: In any case it returns how many bytes were sent, in all, and an error only if that is not all.
//   - none-behind: In any case the connection has no write deadline afterwards.
//   - conn-untouched: It does nothing else with the connection: that stays open, and its read deadline as it was.
func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	panic(notBegun)
}

// MessageReader reads messages from a connection, which may be any net.Conn. A message is its length, four bytes with the
// highest first, and then as many bytes. Conn is set before the first call of Next; add what else you need.
//
//   - whole: Next returns the bytes of the next message, without its length, also if there are none. It doesn't matter
//     how the network has cut them.
//   - one-patience: It waits for patience at most, for all of a message together, however its bytes come.
//   - times-out: Then it returns no bytes, and an error by which errors.Is finds os.ErrDeadlineExceeded, and no earlier.
//   - keeps-place: After a timeout the next call goes on where this one was, also in the middle of a length: no byte is
//     lost, and none comes twice.
//   - too-long: A message of more than MaxMessage bytes is not waited for: Next returns ErrTooLong as soon as it has the
//     length. So does each call that follows.
//   - end: At an end of the stream Next returns io.EOF between two messages, and io.ErrUnexpectedEOF within one. What
//     came before the end is returned first, also if the Conn returns the bytes and the end together.
//   - other-errors: Any other error of the Conn is found by errors.Is in the one that Next returns.
//   - no-deadline: When Next has returned, the Conn has no read deadline, and its write deadline is as it was.
//   - own-bytes: A message belongs to the caller: no later call changes it.
type MessageReader struct {
	Conn net.Conn
}

// Next returns the next message.
func (r *MessageReader) Next(patience time.Duration) ([]byte, error) {
	panic(notBegun)
}
