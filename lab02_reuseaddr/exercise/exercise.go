//go:build linux

package exercise

import (
	"net"
	"net/netip"
	"time"
)

// ListenForRestart opens a listening socket at the address and returns its descriptor.
//
// The task: use the raw calls of golang.org/x/sys/unix, in their right order, so that a server with
// this socket can be restarted at once. Domain and Sockaddr in given_linux.go help with the address.
//
//   - The socket listens at this address and at no other.
//   - When the server is gone and has left TIME_WAIT, or a connection that still lives, the next call
//     for the same address succeeds, at once.
//   - While one socket listens, a second call for the same address fails, and errors.Is finds the
//     kernel's error in what it returns.
//   - What the server has sent before it closed a connection arrives: the connection is not reset.
//   - A call that fails leaves no descriptor open.
func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	panic(notBegun)
}

// WhoHolds says who holds the port of an address: who has it, so that a new server without
// SO_REUSEADDR could not bind there.
//
// The task: find it out from the kernel's table of sockets, which SocketTable in given_linux.go
// returns. If there are several, the answer is the first of these that is among them:
//
//   - Listener: somebody listens there.
//   - OpenConnection: a connection has its own end there, in whatever state, except TIME_WAIT.
//   - TimeWait: an old connection stands there in TIME_WAIT.
//   - Nobody: none of them. What only the other end of a connection has there holds nothing.
//
// Whoever listens on every address, 0.0.0.0 or [::], holds the port of each one of IPv4; [::] also holds
// that of each one of IPv6. To look is not to touch: no connection is made, and nothing is bound.
func WhoHolds(address netip.AddrPort) (Holder, error) {
	panic(notBegun)
}

// EndConversation sends the last answer to a client, ends the conversation and closes the connection.
//
// The task: TIME_WAIT must not fall on the server, whose end conn is, and nothing may be lost.
//
//   - The answer ends with a line feed. A client that has read so far knows that it is over, and hangs
//     up; it may take its time to read, and say some more words before it goes. Nobody wants those.
//   - The client has the whole answer, and its connection is not reset.
//   - Of the connection, nothing is left at the server's end when the client has gone, not even TIME_WAIT.
//   - All this takes no longer than patience. With a client that does not read the answer, or does not
//     hang up by then, the conversation ends nevertheless. It leaves nothing at the server's end then
//     either, and the error matches os.ErrDeadlineExceeded.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	panic(notBegun)
}
