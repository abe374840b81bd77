package lab02_reuseaddr

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/process"
)

// unixServer is a process that listens on the AF_UNIX address that it is given.
var unixServer = process.NewProgram("AF_UNIX server", func(self *process.Self) error {
	listener, err := net.Listen("unix", self.Args[0])
	if err != nil {
		return err
	}
	self.Ready(listener.Addr())
	<-self.Context().Done()
	return listener.Close()
})

// TestKilledUnixServerLeavesItsFile: an AF_UNIX server that is killed leaves its socket file behind. Bind to this file
// fails with EADDRINUSE, with and without SO_REUSEADDR, and connect fails with ECONNREFUSED. When the file is removed,
// a server can listen there again.
//
// Claim: R5.
// Verdict: holds for TCP; AF_UNIX sockets have no TIME_WAIT, and accept the option, which changes nothing.
//
// Predict: a killed server has left its AF_UNIX socket file; what does bind to that file return, with SO_REUSEADDR?
//   - [ ] it succeeds
//   - [x] EADDRINUSE
//   - [ ] EEXIST
func TestKilledUnixServerLeavesItsFile(t *testing.T) {
	x := harness.Start(t, harness.Linux, process.Processes)
	path := filepath.Join(t.TempDir(), "socket")

	x.Step("a server is asked to end, and another is killed")
	server, err := process.Start(x, unixServer, path)
	require.NoError(t, err)
	server.Terminate()
	require.NoError(t, server.Wait())
	assert.NoFileExists(t, path, "closing a listener in Go should remove its file")
	server, err = process.Start(x, unixServer, path)
	require.NoError(t, err)
	server.Kill()
	assert.FileExists(t, path)

	x.Step("a client connects; the server starts again, without SO_REUSEADDR and with it")
	_, err = net.Dial("unix", path)
	x.Outcome(harness.Client, "Dial: %v", err)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	for reuse := range 2 {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, reuse))
		has, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR)
		require.NoError(t, err)
		require.Equal(t, reuse, has)
		err = unix.Bind(fd, &unix.SockaddrUnix{Name: path})
		x.Outcome(harness.Server, "bind, with SO_REUSEADDR = %d: %v", reuse, err)
		assert.ErrorIs(t, err, unix.EADDRINUSE)
	}

	x.Step("the refusal shows that no server listens; so the new server removes the file, and listens")
	require.NoError(t, os.Remove(path))
	again, err := net.Listen("unix", path)
	x.Outcome(harness.Server, "Listen: %v", err)
	require.NoError(t, err)
	x.Own(again)
}

// TestAbstractUnixAddressEndsWithItsServer: an AF_UNIX address in Linux's abstract namespace is free as soon as its
// server has been killed.
//
// Claim: Beyond the chapter.
//
// Source: unix(7): an abstract address has no file.
func TestAbstractUnixAddressEndsWithItsServer(t *testing.T) {
	x := harness.Start(t, harness.Linux, process.Processes)
	address := "@" + strings.ReplaceAll(t.TempDir(), "/", " ") // a name that nobody else has: see unix(7)

	x.Step("a server with an abstract address runs; another tries to bind the address, once before the first is killed and once afterwards")
	server, err := process.Start(x, unixServer, address)
	require.NoError(t, err)
	_, err = net.Listen("unix", address)
	x.Outcome(harness.Server, "Listen: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	server.Kill()
	again, err := net.Listen("unix", address)
	x.Outcome(harness.Server, "Listen: %v", err)
	require.NoError(t, err)
	x.Own(again)
}
