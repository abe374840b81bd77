//go:build linux

// Package exercise is yours: write the bodies that say panic(notBegun). Each task stands above its
// function, and what the functions are given is in given_linux.go. Grade what you wrote with
//
//	go run ./labs grade lab02
//
// and ask for a hint with go run ./labs hint WhoHolds.
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
	"net/netip"
	"time"
)

// ListenForRestart opens a listening socket at the address and returns its descriptor. A server with
// this socket can be restarted at once. Use the raw calls of golang.org/x/sys/unix, in their right order.
// Domain and Sockaddr in given_linux.go help with the address, which is never 0.0.0.0 or [::].
//
//   - address: The socket listens at this address, of IPv4 or IPv6, and at no other.
//   - queue: Fifty clients can be connected at a time before the server accepts one of them.
//   - after-wait: The call succeeds when the last server is gone and has left TIME_WAIT at the address.
//   - after-live: The call succeeds when the last server is gone and a connection of its lives on.
//   - one-listener: While another socket listens at the address, the call fails.
//   - at-once: The call returns at once. It never waits for the port.
//   - kernel-error: When the kernel refuses something, the call fails, and errors.Is finds the kernel's
//     error in what it returns.
//   - no-leak: A call that fails leaves no descriptor open.
//   - no-reset: What the server sends before it closes a connection arrives: a close is no reset.
//   - on-exec: A program that the server starts does not inherit the descriptor.
func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	panic(notBegun)
}

// WhoHolds says who holds the port of an address: who keeps a new server without SO_REUSEADDR from
// binding there. Find it out from the kernel's table of sockets, which SocketTable in given_linux.go
// returns, in an order that means nothing. The address is never 0.0.0.0 or [::].
//
//   - listener: If a socket listens there, the answer is Listener, whatever else is there.
//   - connection: Otherwise, if a connection has its own end there, in any state but TIME_WAIT, the
//     answer is OpenConnection.
//   - time-wait: Otherwise, if a connection has its own end there in TIME_WAIT, the answer is TimeWait.
//   - nobody: Otherwise the answer is Nobody.
//   - other-end: A connection that has only its other end there holds nothing.
//   - other-address: Whatever is at another address, or at another port, holds nothing.
//   - wildcard: A socket that listens at 0.0.0.0 holds its port at every IPv4 address, and at no IPv6
//     address.
//   - dual-stack: A socket that listens at [::] holds its port at every address of both families.
//   - mapped: The address ::ffff:127.0.0.1 is 127.0.0.1, written as one of IPv6; so it is with all of IPv4.
//   - untouched: To look is not to touch: no socket of TCP is opened.
//   - table-error: When SocketTable fails, its error is returned.
func WhoHolds(address netip.AddrPort) (Holder, error) {
	panic(notBegun)
}

// EndConversation sends the last answer to a client, ends the conversation and closes conn, the server's
// end of the connection. The answer ends with a line feed: a client that has read so far knows that it
// is over, and hangs up. It may take its time, and go on talking until then; nobody wants what it says. Until it has its
// answer, it says no more than the kernels hold.
//
//   - whole-answer: A client that reads gets the whole answer, of any size, also if it ends its own side
//     first and reads then.
//   - client-first: The server sends no FIN before that of the client, so TIME_WAIT does not fall on it.
//   - no-reset: A client that hangs up within patience is not reset, whatever it has said.
//   - no-error: The error is nil if the client has acknowledged the answer and has hung up within patience. If then only
//     the server's own FIN stays unacknowledged, the error may be nil, or that of deadline-error.
//   - no-trace: After the call, the kernel's table has no entry of the connection at the server's end: not
//     TIME_WAIT, and nothing that waits for the client, such as LAST_ACK. The client's host may have vanished.
//   - patience: All this together takes no longer than patience, whatever the client does.
//   - whole-patience: No client is given up before patience is over.
//   - deadline-error: When patience is over, the connection is given up, and the error matches
//     os.ErrDeadlineExceeded.
//   - kernel-error: When the client resets the connection, the call returns at once, and errors.Is finds the
//     kernel's error in what it returns.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	panic(notBegun)
}
