// Package exercise is yours: write the bodies that say panic(notBegun). Each task stands above its
// function. Grade what you wrote with
//
//	go run ./labs grade lab04
//
// and ask for a hint with go run ./labs hint NextStep.
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
	"context"
	"net"
	"time"
)

// NextStep says what a client does after a call has ended with err.
//
// The client sends orders to pay to a bank, one at a time, each on a connection of its own. No order may
// be carried out twice, and none may be lost. All that is known is the call and its error. Call and Step,
// with what they mean, are in orders.go.
//
//   - success: If err is nil, the client goes on.
//   - own-end: If the client itself has ended the call, it stops, whatever the call was: the context was
//     canceled, or the connection was closed on our side.
//   - connect-timeout: If the client's own timeout has ended a connect, it connects later. The timeout of
//     a dial comes as one of two errors, and both mean this.
//   - no-connection: If the bank or the network has ended a connect, the client connects later, since
//     nothing was sent. That is: refused, reset, no route to the host, network unreachable, the kernel's
//     own timeout, and an end of the stream before all was said (EOF).
//   - own-timeout: If the client's own deadline has ended a send or a receive, it calls again: the
//     connection is whole. The deadline may be one of the connection or one of a context.
//   - lost-connection: If anything else of the bank's or of the network's has ended a send or a receive,
//     the client asks first. That is: reset, refused, broken pipe, no route to the host, network
//     unreachable, and the end of the stream, also in the middle of an answer.
//   - kernel-timeout: If the kernel's own timeout has ended a send or a receive, the client asks first, too:
//     the kernel has given the bank up, and the connection is over.
//   - our-fault: Anything else is reported, whatever the call was. A port that is taken is of this kind, as
//     are a lack of descriptors or of rights, and each error that nobody has heard of.
//   - wrapped: The error comes bare, or as net returns it, or wrapped by others, at any depth: by
//     fmt.Errorf, by errors.Join, by a type with an Unwrap method of either kind. What it is joined with
//     says nothing.
//   - text: What an error's text says doesn't count.
func NextStep(during Call, err error) Step {
	panic(notBegun)
}

// Serve answers the questions of the clients that come to a listener, until ctx ends.
//
// A question is a line, and its answer is the line that the function answer makes of it, both without the
// newline. Clients fail in all the ways of the decision table. Serve gives back what a failed client held,
// and drops no healthy one. Quiet, Question and Answer are the limits, in limits.go.
//
//   - together: Clients are served side by side. None waits because others are silent, slow, or
//     failing, or because answer takes its time for another: it may be called for several at once.
//   - line: A question is up to 1000 bytes, of any value, and a newline. The function answer gets all of
//     the bytes before the newline as they came, also if there are none.
//   - at-once: A client need not wait for an answer before it asks again. Every question is answered, in
//     the order of the questions, however they are cut into segments.
//   - too-long: A client that sends 1001 bytes without a newline has failed: that is no question, and it
//     is not answered. It is dropped once Question is over, at the latest.
//   - question: A question must be whole within Question of its first byte, however its bytes come. If it
//     is not, the client has failed.
//   - answer: The kernel must have taken all of an answer within Answer of the moment when the function
//     answer has returned, however the client takes it. If it has not, the client has failed.
//   - computing: As long as the function answer runs for a client, no limit counts for that client.
//   - ping: When nothing has come from a client for Quiet, and nothing is owed to it, Serve sends it the
//     line "ping". That holds again after each ping that it has answered, and before its first question.
//   - not-early: No ping comes earlier. Quiet begins when a question or a "pong" is whole, when an answer was
//     sent, and when a client connects. In the middle of a question no ping comes.
//   - alive: Whatever comes within Answer of a ping says that the client is there, if it is only one
//     byte. The rest of that line has Question again.
//   - pong: The line "pong" is no question, and is not answered, with or without a ping before it. Any other
//     line is a question.
//   - hung: If nothing comes within Answer of a ping, the client has failed. It gets no second ping.
//   - leaves: A client that ends its connection, or its half of it, is done. It gets the answers to the
//     questions that were whole, and then the end of the stream, no reset. A part of a question is none.
//   - gone: Of a client that has failed nothing remains: no goroutine, no descriptor, and nothing in the
//     kernel, which goes on with a connection after it was closed, if it has something left to say.
//   - accept: Only a listener that was closed has failed. After any other error, such as a lack of
//     descriptors, Serve accepts again a little later, and serves the clients that it has meanwhile.
//   - stop: When ctx ends, Serve closes the listener and all connections at once, whatever they are doing.
//   - waits: Serve returns when all of the goroutines that it has started have ended, and no earlier.
//   - result: It returns nil if ctx has ended. If the listener has failed, it closes all connections, too,
//     and returns that error.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(question string) string) error {
	panic(notBegun)
}

// Pool keeps the idle connections of a client to one server, so that it need not connect for each question. Servers end
// idle connections, and their hosts vanish. The fields are set before the first call; add what else you need. Any
// goroutine may call the methods.
//
//   - connects: Get connects to Address if it has no connection that it can give. It returns the error of the connect,
//     which ends with ctx.
//   - reuses: Get gives a connection that was put, if there is one that can be used: of several, the one that was put
//     last.
//   - one-user: No two callers have a connection at the same time.
//   - ended: It never gives a connection whose end has come while it was idle, by the server's close or reset, or which
//     the caller had closed when it was put. It closes it.
//   - left-over: It never gives a connection on which something has come while it was idle: an answer that is late would
//     be taken for the next one. It closes it.
//   - too-old: A connection that has been idle for MaxIdle is closed, and not given any more, whether or not somebody
//     calls Get: its server's host may have vanished, which nobody has said. It isn't closed earlier.
//   - in-use: A connection that a caller has is the caller's: the pool doesn't touch it. It is idle from each Put anew.
//   - fresh: A connection has no deadline when Get gives it, whatever the caller before has set.
//   - at-most: The pool keeps Keep idle connections. Of more, it closes the one that has been idle for longest.
//   - no-wait: No call waits for another one that connects, and Get doesn't wait to see whether a connection can be used.
//   - close: Close closes all idle connections. After it, Get returns net.ErrClosed, and Put closes what it is given.
type Pool struct {
	Address string        // of the server
	MaxIdle time.Duration // that a connection may be idle for
	Keep    int           // idle connections at most
}

// Get gives a connection.
func (p *Pool) Get(ctx context.Context) (*net.TCPConn, error) {
	panic(notBegun)
}

// Put takes a connection back. Who doesn't want it any more closes it instead.
func (p *Pool) Put(conn *net.TCPConn) {
	panic(notBegun)
}

// Close ends the pool.
func (p *Pool) Close() {
	panic(notBegun)
}

// Drain stops a listener in order, as a server does before it is started anew: it serves those who have come, and nobody
// else. Nobody accepts beside it.
//
//   - queue: Drain accepts every connection that waits at the listener when it is called, and calls serve with each, all
//     side by side.
//   - refused: Then it closes the listener, before it waits for anybody: who comes later is refused. It doesn't wait for
//     others to come.
//   - waits: It returns when all calls of serve have returned, and all of these connections are closed.
//   - last-words: When serve has returned, the connection ends in order: the client gets all that serve has written, and
//     then the end of the stream, also if it has sent what serve has not read. To that end Drain reads what still comes,
//     until the client ends its side, or grace is over.
//   - grace: When grace is over, and no earlier, Drain ends the connections that are still served, by a reset. That frees
//     serve, where it reads or writes, and Drain waits for it.
//   - result: It returns how many calls of serve have returned on their own, and how many connections it had to end.
//   - failed: If the listener is closed already, or fails, that error is returned.
func Drain(listener *net.TCPListener, serve func(net.Conn), grace time.Duration) (served, ended int, err error) {
	panic(notBegun)
}
