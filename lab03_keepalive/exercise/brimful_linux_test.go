package exercise_test

import (
	"net"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
)

// brimful is a client that does not read, and has sent as much as fills the send buffer of the server's kernel. The server
// has read all or nearly all of that: little waits in its process. So if it reads and writes at the same time, both calls wait.
type brimful struct {
	*serving
	client *net.TCPConn
	sent   []byte
	isFull bool // if not, the kernels may have all of the echo
}

// fillUp connects such a client. When the kernels have no room for more of the echo, the client sends this many bytes more,
// which wait in the server's process, or in its receive buffer.
func (s *serving) fillUp(more int) *brimful {
	s.g.T().Helper()
	const chunk, most, still = 32 << 10, 12 << 20, 50 * time.Millisecond
	b := &brimful{serving: s, client: s.clients(1)[0]}
	require.NoError(s.g.T(), b.client.SetReadBuffer(64<<10))
	require.NoError(s.g.T(), b.client.SetDeadline(time.Now().Add(3*grading.Patience)))
	server := s.serversEnd(b.client.LocalAddr().String())
	defer server.socket.Close()
	for begun := time.Now(); time.Since(begun) < still && len(b.sent) < most; {
		b.send(chunk)
		sending := 0
		for begun = time.Now(); time.Since(begun) < still; time.Sleep(200 * time.Microsecond) {
			now := kernel.Unacknowledged(s.g.Experiment, server.socket)
			if len(b.sent) <= now+received(b.client) {
				break // the kernels have all of the echo
			}
			if now != sending {
				sending, begun = now, time.Now()
			}
		}
	}
	b.isFull = len(b.sent) < most
	b.send(more)
	return b
}

// send sends data. A server that has dropped the client is found elsewhere: a write fails then, and so does CloseWrite.
func (b *brimful) send(n int) {
	data := grading.Bytes(n)
	if _, err := b.client.Write(data); err == nil {
		b.sent = append(b.sent, data...)
	}
}

// received returns how many bytes the kernel has received for a client that does not read.
func received(client *net.TCPConn) (n int) {
	if raw, err := client.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.SIOCINQ) })
	}
	return n
}

// sendsFIN sends the client's FIN. It reads later: see readsAll.
func (b *brimful) sendsFIN() {
	b.g.T().Helper()
	b.g.Step("a client has sent so much that the echo fills the buffers of both kernels; it sends its FIN, and reads later")
	b.client.CloseWrite()
}

// holds reports whether the descriptor of the server's end is still open.
var holds = grading.Export("holding the server's end", func(e ends) bool { return descriptorOf(e) >= 0 })

// readsAll expects that the server still has its settings for the client, and that the client gets all of its echo.
func (b *brimful) readsAll() {
	b.g.T().Helper()
	held, client := false, b.client.LocalAddr().String()
	b.g.Prepare("looking for the server's end", func() { held = holds.On(b.g, ends{b.at.Address, client}) })
	if b.isFull && held {
		b.judgeSettings(client)
	}
	b.g.Step("now the client that had filled the buffers reads the echo")
	sent := make(chan error, 1)
	sent <- nil
	f := readEcho(b.client, b.sent, sent)
	if f.Sentence == "echo" {
		f.Mistake = "a client that has sent its FIN, and reads some time later, does not get all of its echo"
	}
	b.g.Expect(f.Mistake == "", f)
}
