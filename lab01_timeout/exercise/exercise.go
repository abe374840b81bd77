// Package exercise is yours: write the bodies that say panic(notBegun). Each task stands above its
// function. Grade what you wrote with
//
//	go run ./labs grade lab01
//
// and ask for a hint with go run ./labs hint PatientConn.
package exercise

import (
	"net"
	"time"
)

// PatientConn is a connection whose reads have a timeout each, as Python's settimeout gives it.
//
// A read waits for Timeout at most, and the next one has the whole of it again. With Timeout 0 a read
// waits as long as it takes. A read that ran out of time returns the error that a deadline gives, and
// what comes later can still be read.
//
// The connection has deadlines besides, and the caller may set them: by SetReadDeadline, SetWriteDeadline
// and SetDeadline. They stay in force as they were set: a read ends at its timeout or at the caller's
// deadline, whichever is first. The timeout leaves no deadline of its own behind.
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

// AskWithin connects to address, sends the question, and returns the whole reply: all that the server
// sends until it closes the connection.
//
// It has the budget for all of that together. When the budget is spent, it returns what has come of the
// reply and an error by which errors.Is finds os.ErrDeadlineExceeded or context.DeadlineExceeded. Any
// other error it returns as it is, and at once. The connection is closed in any case.
func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	panic(notBegun)
}

// SendAll sends all of data to a peer that may take its time. Nothing is lost, and nothing is sent twice.
//
// Each write may wait for patience at most. When one has run out of time, SendAll calls goOn with the
// number of bytes that were sent so far, in all: if goOn says yes it sends the rest, and otherwise it
// gives up and returns the error of the timeout. Any other error ends it at once. In any case it
// returns the number of bytes that were sent, and leaves no deadline behind.
func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	panic(notBegun)
}
