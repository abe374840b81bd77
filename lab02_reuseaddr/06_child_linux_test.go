package lab02_reuseaddr

import (
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// heir is a child process that inherits a listening socket, and never uses the socket.
var heir = process.NewProgram("heir", func(self *process.Self) error {
	listener, err := net.FileListener(os.NewFile(process.Inherited, "listener"))
	if err != nil {
		return err
	}
	self.Ready(listener.Addr())
	<-self.Context().Done()
	return nil
})

// TestChildKeepsPortOfClosedServer: a child process that has inherited a server's listener keeps the listener open when the
// server closes it. In spite of SO_REUSEADDR, the server can't restart on its port while the child runs. Clients can
// connect, but nobody answers them.
//
// Claim: R5.
// Verdict: holds for TIME_WAIT; a child that has inherited the listener goes on listening, and then bind fails.
// Claim: R7.
// Verdict: holds.
//
// Predict: a child has inherited a server's listener, and the server closes its own copy; what does a client that connects get?
//   - [ ] a refusal: nobody accepts there any more
//   - [x] a connection, and no answer
//   - [ ] no answer to its SYN
func TestChildKeepsPortOfClosedServer(t *testing.T) {
	x := harness.Start(t, process.Processes, kernel.SocketTable)
	server := peer.ListenReserved(x)
	address := server.Addr().String()

	x.Step("a server starts a child, which inherits its listener; the server closes the listener, and starts again")
	child, err := process.Start(x, heir.Inheriting(server))
	require.NoError(t, err)
	require.NoError(t, harness.CloseEverywhere(server.Close))
	_, err = net.Listen("tcp", address) // with SO_REUSEADDR
	x.Outcome(harness.Server, "Listen: %v", err)
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	kernel.AwaitSockets(x, address, kernel.Listening)

	x.Step("a client connects, and asks")
	client := peer.DialNoKeepalive(x, address)
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	kernel.AwaitSockets(x, address, kernel.Listening, kernel.Established)
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})
	read.AssertStillWaiting()

	x.Step("the child is killed; the server starts again")
	child.Kill()
	assert.ErrorIs(t, read.Wait(), syscall.ECONNRESET)
	kernel.AwaitSockets(x, address)
	again, err := net.Listen("tcp", address)
	x.Outcome(harness.Server, "Listen: %v", err)
	require.NoError(t, err)
	x.Own(again)
}

// TestShutdownEndsListenerOfChildToo: shutdown ends a listener in every process that has it open. A server that calls
// shutdown before close can restart on its port while its child still runs, if the old and the new listener have
// SO_REUSEADDR.
//
// Claim: Beyond the chapter.
//
// Predict: a child has inherited the listener; the server calls shutdown on it, then close; who listens on the port?
//   - [ ] the child
//   - [x] nobody, and the server can restart
//   - [ ] nobody, and the server can't restart
func TestShutdownEndsListenerOfChildToo(t *testing.T) {
	x := harness.Start(t, process.Processes, kernel.SocketTable)
	server := peer.ListenReserved(x)
	address := server.Addr().String()
	_, err := process.Start(x, heir.Inheriting(server))
	require.NoError(t, err)

	x.Step("a child has inherited a server's listener; the server shuts the listener down, and closes it")
	raw, err := server.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) { err = unix.Shutdown(int(fd), unix.SHUT_RDWR) }))
	require.NoError(t, err)
	require.NoError(t, server.Close())
	kernel.AwaitSockets(x, address)
	_, err = net.Dial("tcp", address)
	x.Outcome(harness.Client, "Dial: %v", err)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)

	x.Step("the server starts again, without SO_REUSEADDR and with it")
	plain := open(t, x)
	err = unix.Bind(plain, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.ErrorIs(t, err, unix.EADDRINUSE, "the child's socket should still be bound")
	again, err := net.Listen("tcp", address)
	x.Outcome(harness.Server, "Listen: %v", err)
	require.NoError(t, err)
	x.Own(again)
}

// bystander is a program that has nothing to do with the server that starts it.
var bystander = process.NewProgram("bystander", func(self *process.Self) error {
	self.Ready(new(net.TCPAddr)) // it has no address: it serves nothing
	<-self.Context().Done()
	return nil
})

// TestStartedProgramDoesNotInheritSockets: Go opens its listeners close-on-exec, so a program that a server starts
// does not inherit the server's listener. The server can restart on its port while that program runs.
//
// Claim: Beyond the chapter.
func TestStartedProgramDoesNotInheritSockets(t *testing.T) {
	x := harness.Start(t, process.Processes, kernel.SocketTable)
	for _, closes := range []struct {
		onExec int
		want   result
	}{
		{onExec: unix.FD_CLOEXEC, want: ok},
		{onExec: 0, want: inUse},
	} {
		server := peer.ListenReserved(x)
		address := server.Addr().String()
		raw, err := server.SyscallConn()
		require.NoError(t, err)
		var byGo int
		require.NoError(t, raw.Control(func(fd uintptr) {
			if byGo, err = unix.FcntlInt(fd, unix.F_GETFD, 0); err == nil {
				_, err = unix.FcntlInt(fd, unix.F_SETFD, closes.onExec)
			}
		}))
		require.NoError(t, err)
		assert.Equal(t, unix.FD_CLOEXEC, byGo, "Go should set close-on-exec")

		x.Step("a server whose listener has the flags %#x starts a program, closes the listener, and starts again", closes.onExec)
		_, err = process.Start(x, bystander)
		require.NoError(t, err)
		require.NoError(t, harness.CloseEverywhere(server.Close))
		again, err := net.Listen("tcp", address)
		x.Outcome(harness.Server, "Listen: %v", err)
		if err == nil {
			x.Own(again)
		}
		assert.Equal(t, closes.want, resultOf(err), "result of Listen, after the old listener had the descriptor flags %#x (FD_CLOEXEC is 0x1)", closes.onExec)
	}
}

// forkWhileListening listens with SO_REUSEADDR, as the chapter's sample does, and forks a child that does nothing. It
// starts the server again twice: while the child lives, and after the child has ended. It prints the error numbers.
const forkWhileListening = `
import json, os, socket, sys
def listen(address):
    server = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(address)
    server.listen(1)
    return server
def again(address):
    try:
        listen(address).close()
        return 0
    except OSError as e:
        return e.errno
server = listen((sys.argv[1], 0))
address = server.getsockname()
close_on_exec = not server.get_inheritable()
life, end = os.pipe()
child = os.fork()
if child == 0:
    os.close(end)
    os.read(life, 1)
    os._exit(0)
server.close()
living = again(address)
os.close(end)
os.waitpid(child, 0)
print(json.dumps({"close_on_exec": close_on_exec, "living": living, "dead": again(address)}))
`

// TestForkedChildKeepsPort: a forked child has its parent's listener open until the child ends or calls exec, even if the
// descriptor is close-on-exec. So a Python server that forks can't restart before its child has ended, in spite of
// SO_REUSEADDR.
//
// Claim: R5.
// Verdict: holds for TIME_WAIT; a forked child goes on listening, and then bind fails.
func TestForkedChildKeepsPort(t *testing.T) {
	x := harness.Start(t, process.Python, harness.Linux)
	host, _, err := net.SplitHostPort(harness.Loopback())
	require.NoError(t, err)

	x.Step("a Python server forks a child, closes its listener, and starts again: before the child ends, and after")
	var got struct {
		CloseOnExec  bool `json:"close_on_exec"`
		Living, Dead syscall.Errno
	}
	require.NoError(t, process.RunPython(x, forkWhileListening, &got, host))
	x.Outcome(harness.Server, "bind while the child lives: %v", got.Living)
	x.Outcome(harness.Server, "bind after its end: error number %d", got.Dead)
	assert.True(t, got.CloseOnExec, "Python should open the listener close-on-exec")
	assert.Equal(t, syscall.EADDRINUSE, got.Living)
	assert.Zero(t, got.Dead)
}
