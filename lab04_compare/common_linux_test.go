package lab04_compare

import (
	"bufio"
	"net"

	"socketlabs/harness"
	"socketlabs/harness/process"
)

// answering is a server in a process of its own. It serves one client.
var answering = process.NewProgram("answering", func(self *process.Self) error {
	listener, err := net.Listen("tcp", harness.Loopback())
	if err != nil {
		return err
	}
	self.Ready(listener.Addr())
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	answer(conn, false)
	return nil
})

// answer is the other side's application. It answers each ping, and each request unless it is busy.
func answer(conn net.Conn, isBusy bool) {
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case err != nil:
			return
		case line == "ping\n":
			conn.Write([]byte("pong\n"))
		case !isBusy:
			conn.Write([]byte("the answer\n"))
		}
	}
}
