// Package exercise is yours: write the bodies that say panic(notBegun). Each task is the comment of its function or type.
// Grade what you wrote with
//
//	go run ./labs grade lab04
//
// and ask for a hint with go run ./labs hint NextStep.
//
// A task is a list of sentences, each with a name. The grader checks only these sentences, read together with the text
// above them. These sentences hold in every task:
//
//   - it-returns: Your code returns when it has done what the task says, and waits for nothing else.
//   - no-panic: It doesn't panic, and it doesn't end the process.
//   - no-race: It has no data race: goroutines that use the same variable take turns, by a mutex, a channel or sync/atomic.
//     (Code that breaks no other sentence, and could have a race, is run once more, under Go's race detector.)
//   - nothing-left: When a call has returned, whatever it returns, nothing is left of what it opened or started, except the
//     idle connections of a Pool, and the timers and goroutines that it keeps until Close: no descriptor, no goroutine, no
//     process.
package exercise

import (
	"context"
	"net"
	"time"
)

// NextStep says what a client does next after a call has ended with err.
//
// The client sends payment orders to a bank, one at a time, each on a connection of its own. No order may be carried out
// twice, and none may be lost. All that NextStep knows is the call and its error. Call and Step, with what they mean, are
// in orders.go.
//
//   - success: If err is nil, the step is GoOn.
//   - own-end: If the client itself has ended the call, by canceling its context or by closing the connection, the step is
//     Stop, whatever the call was. The errors are: context.Canceled; package net's own error for a canceled context, in which
//     errors.Is finds context.Canceled; and net.ErrClosed.
//   - connect-timeout: If the client's own timeout has ended a connect, or the lookup of the bank's name before it, the step
//     is ConnectLater. The timeout of a dial comes as one of two errors, and both mean this.
//   - no-connection: If the bank, the network or the kernel's own timeout has ended a connect, the step is ConnectLater,
//     since nothing was sent. The errors are: refused (ECONNREFUSED), reset (ECONNRESET), no route to the host
//     (EHOSTUNREACH), network unreachable (ENETUNREACH), ETIMEDOUT, io.EOF and io.ErrUnexpectedEOF.
//   - own-timeout: If the client's own deadline has ended a send or a receive, the step is CallAgain: the connection can
//     still be used. The deadline may be that of the connection or that of a context.
//   - lost-connection: If the bank or the network has ended a send or a receive, the step is AskFirst. The errors are a
//     broken pipe (EPIPE) and all those of no-connection except ETIMEDOUT (see kernel-timeout).
//   - kernel-timeout: If the kernel's own timeout has ended a send or a receive, the step is AskFirst, too: the connection
//     is over.
//   - our-fault: After any other error, the step is Report, whatever the call was. Such errors are "address already
//     in use", "too many open files", "permission denied", and each error that this list doesn't name for the call: for
//     example, a broken pipe of a connect, or a failed lookup of a name, which may not exist, or whose name server is slow: a
//     net.DNSError that wraps no error of this list.
//   - wrapped: The error comes bare, or as net returns it, or wrapped in other errors at any depth: by fmt.Errorf, by
//     errors.Join, or by a type with an Unwrap method of either kind, which may return nil, or a list with nil in it. At most
//     one of several joined errors leads to a step other than Report. If there is such an error, it decides. NextStep only
//     looks at the errors, and changes none of them.
//   - text: The text of an error doesn't count.
func NextStep(during Call, err error) Step {
	panic(notBegun)
}

// Serve answers the questions of the clients that connect to a listener, until ctx ends.
//
// A question is a line, and its answer is the line that the function answer makes of it, both without the newline. Serve
// drops a client that has failed, as defined below, and no other. To drop a client is to reset its connection, so that
// nothing is left of it (see gone). The limits are in limits.go.
//
//   - together: Clients are served at the same time. None waits because others are silent, slow or failing, nor because
//     the function answer still runs for another client: Serve may call it for several at once.
//   - line: A question is up to 1000 bytes of any value except newline, and then a newline. Serve calls the function answer
//     once for each question, with all bytes before the newline unchanged, even if there are none.
//   - at-once: A client may ask again before it has its answer. Serve answers all of its questions, in their order,
//     however they are divided into segments. It sends each answer when it has it, and not only when it has the next one.
//   - too-long: A client that sends 1001 bytes without a newline has failed. These bytes are not a question, and are not
//     answered. The client is dropped at the latest when limits.Question has passed since the first of them. Whole questions
//     that came before these bytes may go unanswered then.
//   - question: If a question is not whole when limits.Question has passed since its first byte, the client has failed,
//     however its bytes come.
//   - answer: If the kernel has not taken all of an answer when limits.Answer has passed since the function answer returned,
//     the client has failed. That includes a client that doesn't read its answers, or reads them too slowly.
//   - computing: The function answer may run for any time. While it runs for a client, none of the three limits applies to
//     this client: none of them ends the connection, and Serve sends no ping. The limit of a question that has begun
//     meanwhile may begin anew when the answer is written.
//   - ping: When limits.Quiet has passed (see not-early), and no answer to the client is outstanding, Serve sends it the line
//     "ping". It does so before the client's first question, too, and again after each ping that the client has answered.
//   - not-early: No ping comes earlier. limits.Quiet begins anew when the client connects, when a question or a "pong" is
//     whole, and when the kernel has taken all of an answer. There is no ping in the middle of a question.
//   - alive: Any byte that comes no later than limits.Answer after a ping shows that the client is alive. If that byte is the
//     first of a line, the line must be whole when limits.Question has passed since then, as always.
//   - pong: The line "pong" is not a question, and is not answered, with or without a ping before it. Any other line is a
//     question.
//   - hung: If nothing has come when limits.Answer has passed since a ping, the client has failed. It gets no second ping.
//   - leaves: A client that closes its connection, or its half of it, has not failed. It gets the answers to all questions
//     that were whole, and then the end of the stream, not a reset. A question without its newline is not answered.
//   - gone: Nothing is left of a client that has failed: no goroutine, no descriptor, and no entry in the kernel's table of
//     sockets. After a mere close, the kernel would go on sending what it still has for the client.
//   - accept: After an error of accept, such as "too many open files", Serve goes on serving its clients, and accepts again
//     a little later. Only a listener that was closed has failed.
//   - stop: When ctx ends, Serve closes the listener and all connections at once, whatever state they are in, and even
//     while the function answer still runs for them. It may reset them. Questions that wait need no answer then.
//   - waits: Before Serve returns, all goroutines that it started have ended, including those in which the function answer
//     still runs.
//   - result: Serve returns nil when ctx has ended. If accept fails because somebody else has closed the listener, Serve
//     closes all connections, and returns accept's error, bare or wrapped. If both happen, either result is right.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(question string) string) error {
	panic(notBegun)
}

// Pool keeps the idle connections of a client to one server, so that the client need not connect for each request. Servers
// close idle connections, and their hosts vanish. The fields are set before the first call; add what else you need. Any
// goroutine may call the methods.
//
//   - connects: If the pool has no connection to give, Get connects to Address. If that fails, Get returns the error. The
//     connect ends when ctx ends, and has no limit of the pool's own. If ctx has ended before Get is called, Get may return
//     its error in any case.
//   - reuses: If the pool has connections that can be used, Get gives the one of them that was put last. A connection that
//     is put twice counts as one idle connection, idle since its last Put.
//   - one-user: A connection has at most one user at a time: when Get has given a connection, it doesn't give it again before
//     it was put.
//   - ended: Get never gives a connection that the server has closed or reset while it was idle, nor one that its user had
//     closed before putting it. The pool closes such a connection, at the latest when Get finds it.
//   - left-over: Get never gives a connection on which bytes have come while it was idle: a late reply would be taken for
//     the reply to the next request. The pool closes such a connection, at the latest when Get finds it.
//   - too-old: The pool closes a connection that has been idle for MaxIdle, whether or not somebody calls Get, and doesn't
//     give it: the server's host may have vanished unnoticed. The pool closes no connection for its age before that.
//   - in-use: The pool doesn't touch a connection while a user has it. The idle time begins anew at each Put.
//   - fresh: A connection has no deadline when Get gives it, whatever its last user has set, and obeys the deadlines that its
//     next user sets.
//   - at-most: The pool keeps at most Keep idle connections. If there are more, it closes the one that has been idle for
//     longest.
//   - no-wait: While a call of Get connects, no other call waits for it. Get doesn't wait to find out whether a connection
//     can be used: it asks the kernel what has come so far.
//   - close: Close closes all idle connections. After it, Get returns net.ErrClosed, and Put closes what it is given. A Get
//     that was connecting may return its connection all the same. Close may be called again.
type Pool struct {
	Address string        // of the server, as net.Dial takes it
	MaxIdle time.Duration // how long a connection may be idle
	Keep    int           // idle connections at most
}

// Get gives a connection.
func (p *Pool) Get(ctx context.Context) (*net.TCPConn, error) {
	panic(notBegun)
}

// Put gives a connection back to the pool. A user who doesn't want it any more closes it instead.
func (p *Pool) Put(conn *net.TCPConn) {
	panic(notBegun)
}

// Close ends the pool.
func (p *Pool) Close() {
	panic(notBegun)
}

// Drain stops a server gracefully, for example for a restart: it serves the clients that have connected, and no others.
// Nobody else accepts from the listener. Grace begins when Drain is called.
//
//   - queue: Drain accepts every connection that waits at the listener when Drain is called, whatever has become of the
//     connection meanwhile, and whatever deadline the listener has. It calls serve for each of them, all at the same time. A
//     connection that comes while Drain accepts may be served, too.
//   - refused: Then Drain closes the listener, before it waits for any client: a client that connects later is refused. Drain
//     doesn't wait for more clients to come.
//   - waits: Drain returns when all calls of serve have returned, and all of these connections are closed.
//   - last-words: When serve has returned within grace, and has not closed the connection, the connection ends gracefully:
//     the client gets all that serve has written, and then the end of the stream, even if serve has not read all that the
//     client has sent. For that, Drain reads and discards what still comes, until the client closes its side, or grace is
//     over. Deadlines that serve has left don't count.
//   - grace: When grace is over, and no earlier, Drain resets each connection whose serve has not returned. That ends the
//     reads and writes of serve, and Drain waits until it returns. Other connections that are still open are merely closed:
//     the kernel goes on sending what it has. If grace isn't more than 0, it is over at once.
//   - result: Drain returns how many calls of serve have returned before Drain reset their connections, and how many
//     connections it has reset because serve had not returned.
//   - failed: If the listener is closed already, or fails, Drain closes it, serves the connections that it has accepted
//     before, and then returns the error.
func Drain(listener *net.TCPListener, serve func(net.Conn), grace time.Duration) (served, ended int, err error) {
	panic(notBegun)
}
