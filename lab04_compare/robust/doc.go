// Package robust is for you to copy: a server that uses timeouts and keepalive together, as the chapter advises, and a
// function that says what the error of a socket call means.
//
// You can't import it from here, because go get can't fetch the module path, socketlabs. Copy the folder into a module
// of your own, and run go mod tidy there. Its tests need nothing else from the labs.
//
// The server echoes lines, so that you see the socket code and little else. To serve something else, replace the line in
// client.go that is marked "the echo".
//
// The server works on every system, but best on Linux, whose TCP_USER_TIMEOUT finds a client that vanishes while an answer is
// in flight. Elsewhere, the server keeps such a client for as long as the server's kernel retransmits.
package robust
