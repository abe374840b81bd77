package harness

import (
	"fmt"
	"io"
	"net"

	"socketlabs/harness/internal/system"
)

// Loopback is the address to listen on: any free port of 127.0.0.1, or of ::1 with LABS_IP=6.
func Loopback() string {
	if system.IPv6() {
		return "[::1]:0"
	}
	return "127.0.0.1:0"
}

// theLoopback is a need of every experiment: the loopback has the address that LABS_IP asks for.
var theLoopback = Need{Name: "a loopback address", Missing: func() string {
	system.Setting("LABS_SANDBOX") // for go test's cache: see system.Setting
	listener, err := net.Listen("tcp", Loopback())
	if err != nil {
		return fmt.Sprintf("LABS_IP=%s, and %v; use the other IP version, or turn this one on", system.Setting("LABS_IP"), err)
	}
	listener.Close()
	return ""
}}

// Own makes the experiment close what the test has opened. It ends a TCP connection with a reset
// (SO_LINGER 0), which leaves nothing behind in the kernel, whatever the peer does.
func (x *Experiment) Own(opened io.Closer) {
	if x.witness != nil {
		x.witness.Opened(opened)
	}
	x.AtEnd(func() {
		if conn, ok := opened.(*net.TCPConn); ok {
			conn.SetLinger(0)
		}
		opened.Close()
	})
}

// CloseEverywhere closes a socket whose port is needed at once. It first waits for processes that are starting:
// until their exec has closed it, they have the socket open, too.
func CloseEverywhere(closeSocket func() error) error { return system.CloseEverywhere(closeSocket) }
