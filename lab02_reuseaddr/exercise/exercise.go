//go:build linux

// Package exercise is yours: write the bodies that say panic(notBegun). Each task is the comment of its function. What
// you can use is in given_linux.go. Grade what you wrote with
//
//	go run ./labs grade lab02
//
// and ask for a hint with go run ./labs hint WhoHolds.
//
// A task is a list of sentences, each with a name. The grader checks only these sentences, read together with the text
// above them. These sentences hold in every task:
//
//   - it-returns: Your code returns when it has done what the task says, and waits for nothing else.
//   - no-panic: It doesn't panic, and it doesn't end the process.
//   - no-race: It has no data race: goroutines that use the same variable take turns, by a mutex, a channel or sync/atomic.
//     (Code that breaks no other sentence, and could have a race, is run once more, under Go's race detector.)
//   - nothing-left: When a call has returned, whatever it returns, nothing is left of what it opened or started, except the
//     descriptor that ListenForRestart returns: no descriptor, no goroutine, no process.
//   - goroutines: Several goroutines can call your code at the same time.
package exercise

import (
	"net"
	"net/netip"
	"time"
)

// ListenForRestart opens a socket that listens at the address, and returns its descriptor. A server with such a socket can
// be restarted at once. Use the system calls of golang.org/x/sys/unix, in the right order. Domain and Sockaddr in
// given_linux.go help with the address, which is never 0.0.0.0, [::] or one such as ::ffff:127.0.0.1. It has no zone, and
// its port is not 0. It doesn't matter whether the descriptor is blocking, or what fd is if there is an error.
//
//   - address: The socket listens at this address, of IPv4 or IPv6, and at no other, until the server closes the descriptor.
//   - queue: Fifty clients can be connected before the server accepts the first of them. The server can accept a client
//     that has sent nothing.
//   - after-wait: The call succeeds when an earlier server with such a socket is gone, and its connections are in TIME_WAIT.
//   - after-live: The call succeeds when an earlier server with such a socket has closed it, and still has a connection open.
//   - one-listener: While another socket listens at the same address and port, whoever opened it, the call fails.
//   - at-once: The call returns at once, with a socket or with an error. It never waits for the port.
//   - kernel-error: When the kernel refuses a system call that such a socket needs, ListenForRestart fails, and errors.Is
//     finds the kernel's error in what it returns.
//   - no-leak: A call that fails leaves no descriptor open.
//   - no-reset: The socket does not make its accepted connections reset on close (no SO_LINGER with time 0).
//   - on-exec: A program that the server starts does not inherit the descriptor, even if another goroutine starts it during
//     the call. When a call has returned, whatever it returns, the server can start programs (syscall.ForkLock is free).
func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	panic(notBegun)
}

// WhoHolds says which entry of the kernel's table of sockets makes bind fail for a new server without SO_REUSEADDR. (A socket
// that is bound, and neither listens nor connects, makes bind fail, too, but has no entry.) WhoHolds reads the table only by
// SocketTable in given_linux.go, which returns the entries in no particular order. The grader also makes SocketTable return
// tables of other machines. An entry is "there" if its Local is the address. A socket that listens is also there if its
// Local is a wildcard that covers the address (see wildcard and dual-stack). The address itself is never 0.0.0.0 or [::], and
// no address has a zone.
//
//   - listener: If a socket listens there, WhoHolds returns Listener, whatever else is there.
//   - connection: Otherwise, if a connection is there in any state but TIME_WAIT, it returns OpenConnection.
//   - time-wait: Otherwise, if a connection is there in TIME_WAIT, it returns TimeWait.
//   - nobody: Otherwise it returns Nobody.
//   - other-end: A connection that has the address only as its Remote doesn't count. (A connection that has it as Local and
//     as Remote counts.)
//   - other-address: What is at another address or at another port doesn't count.
//   - wildcard: A socket that listens at 0.0.0.0 is at every IPv4 address, and at no IPv6 address.
//   - dual-stack: A socket that listens at [::] is at every address of both families. (A socket
//     with IPV6_V6ONLY is at no IPv4 address; the grader opens none.)
//   - mapped: An address such as ::ffff:127.0.0.1 is the IPv4 address 127.0.0.1, written as an IPv6 address.
//   - untouched: WhoHolds only reads the table: it opens no socket of IPv4 or IPv6.
//   - table-error: When SocketTable fails, even if it returns a part of the table, WhoHolds returns its error, perhaps
//     wrapped: errors.Is finds all that is in SocketTable's error. The Holder doesn't matter then.
func WhoHolds(address netip.AddrPort) (Holder, error) {
	panic(notBegun)
}

// EndConversation sends the last answer to a client, and closes conn, the server's end of the connection, however the
// conversation ends. The answer is of one line or of several, and ends with a line feed: a client that has read it
// knows that the conversation is over, and closes its side. The client may close late. Until it closes, it may go on
// sending data, which the server discards. Before it has read the answer, it sends no more than the kernels' buffers
// hold, so the server can write the answer without reading. No deadline of conn is set. The conversation ends well if,
// within `patience`, the client has acknowledged the whole answer, has sent its FIN, and has acknowledged the server's FIN.
//
//   - whole-answer: A client that reads gets the whole answer unchanged, whatever its size, even if the client sends its FIN
//     first and reads only then. The call doesn't write to `answer` or to the array behind it: the server may send it to
//     other clients at the same time.
//   - client-first: The server sends no FIN before the client's, so the server's end does not go into TIME_WAIT.
//   - no-reset: A conversation that ends well ends without a reset, whatever the client has sent.
//   - no-error: The error is nil if the conversation ends well. The call returns as soon as the conversation has
//     ended well.
//   - no-trace: After the call, the kernel's table has no entry of the connection at the server's end: no TIME_WAIT, and
//     nothing that waits for the client, such as LAST_ACK. That holds even if the client's host has vanished.
//   - patience: The whole call takes no longer than `patience`, which is more than 0, whatever the client does. (The
//     grader allows some more time on a busy machine.)
//   - whole-patience: If the client neither ends the conversation well nor resets the connection, the call doesn't give up
//     before `patience` has passed.
//   - deadline-error: If the conversation has not ended well when `patience` has passed, the server resets the connection, and
//     errors.Is finds os.ErrDeadlineExceeded in the error. If only the acknowledgment of the server's FIN is missing
//     (LAST_ACK), the error may be nil instead. Even then, no-trace holds: the server's socket is gone when the call returns.
//   - kernel-error: When the client resets the connection before the conversation has ended well, even if it has the whole
//     answer, the call returns at once, and errors.Is finds the kernel's error in what it returns.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	panic(notBegun)
}
