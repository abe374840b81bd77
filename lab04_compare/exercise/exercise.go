// Package exercise is yours: write the bodies that say panic(notBegun). Each task stands above its
// function. Grade what you wrote with
//
//	go run ./labs grade lab04
//
// and ask for a hint with go run ./labs hint NextStep.
package exercise

import (
	"context"
	"net"
)

// NextStep says what a client does after a call has ended with err, which is nil if it succeeded.
//
// The client sends orders to pay to a bank, one at a time, each on a connection of its own. No order may
// be carried out twice, and none may be lost. All that is known is the call and its error:
//
//   - a timeout of the client's own (a deadline, or the timeout of a dial) says that we did not wait
//     longer, and nothing about the bank;
//   - the bank, its kernel or our own kernel may have ended the connection, and each says so in its way;
//   - the client may have ended it itself: it has cancelled the context, or closed the connection;
//   - anything else is no failure of the bank's.
//
// What each answer means stands in orders.go. The error comes as net returns it, or wrapped in another.
func NextStep(during Call, err error) Step {
	panic(notBegun)
}

// Serve answers the questions of all clients that come to the listener, side by side, until ctx ends.
//
// A question is a line of 1000 bytes at most. The answer is the line that the function answer makes of
// it, both without the newline.
//
// Clients fail in all the ways of the decision table. Serve gives back what a failed client held, and
// drops no healthy one:
//
//   - a question must be whole within limits.Question of its first byte, however its bytes come;
//   - the kernel must have taken an answer within limits.Answer;
//   - between questions a client may be silent for as long as it likes, if its program is there. After
//     limits.Quiet of silence Serve sends it the line "ping", and if nothing comes from it within
//     limits.Answer of that, the client has failed. A living one says "pong", which is no question.
//     As long as it answers, it is asked again after limits.Quiet of silence, and never earlier;
//   - a client that ends its connection is done.
//
// Of a client that has failed nothing remains: no goroutine, no descriptor, and nothing in the kernel,
// which goes on with a connection after it was closed, as long as it has something to say.
//
// When ctx ends, Serve closes the listener and all connections, and returns nil as soon as the
// goroutines that it started have ended. It returns an error only if the listener fails.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(question string) string) error {
	panic(notBegun)
}
