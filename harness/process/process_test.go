package process_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// echo serves until it is asked to end, on the given address or on a listener that it inherits.
var echo = process.NewProgram("echo", func(self *process.Self) error {
	listen := func() (net.Listener, error) { return net.Listen("tcp", self.Args[0]) }
	if self.Args[0] == "inherited" {
		listen = func() (net.Listener, error) { return net.FileListener(os.NewFile(process.Inherited, "listener")) }
	}
	listener, err := listen()
	if err != nil {
		return err
	}
	go func() {
		<-self.Context().Done()
		listener.Close()
	}()
	self.Ready(listener.Addr())
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go io.Copy(conn, conn)
	}
})

var broken = process.NewProgram("broken", func(self *process.Self) error {
	if self.Args[0] == "exit" {
		os.Exit(3)
	}
	return nil
})

// isAlive asks the process for an echo. It returns an error if none comes.
func isAlive(t *testing.T, address string, patience time.Duration) error {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	if _, err := conn.Write([]byte("?")); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, 1))
	return err
}

func TestProcessServesUntilAskedToEnd(t *testing.T) {
	x := harness.Start(t, process.Processes)
	process, err := process.Start(x, echo, harness.Loopback())
	require.NoError(t, err)
	assert.NoError(t, isAlive(t, process.Address, time.Minute))

	process.Terminate()
	assert.NoError(t, process.Wait())
	assert.ErrorIs(t, isAlive(t, process.Address, time.Minute), syscall.ECONNREFUSED)
}

func TestKilledProcessIsStartedAgainOnItsPort(t *testing.T) {
	x := harness.Start(t, process.Processes)
	first, err := process.Start(x, echo, harness.Loopback())
	require.NoError(t, err)
	first.Kill()
	assert.Error(t, first.Wait(), "a killed process should end with an error")

	second, err := process.Start(x, echo, first.Address)
	require.NoError(t, err)
	assert.Equal(t, first.Address, second.Address)
	assert.NoError(t, isAlive(t, second.Address, time.Minute))
}

func TestStoppedProcessAnswersOnlyWhenItContinues(t *testing.T) {
	x := harness.Start(t, process.Processes)
	process, err := process.Start(x, echo, harness.Loopback())
	require.NoError(t, err)

	process.Stop()
	assert.ErrorIs(t, isAlive(t, process.Address, 100*time.Millisecond), os.ErrDeadlineExceeded)
	process.Continue()
	assert.NoError(t, isAlive(t, process.Address, time.Minute))
	process.Stop() // the end of the experiment must kill a stopped process, too
}

// The test gets the errno of an error that the process returned.
func TestErrorOfProcessIsTheKernels(t *testing.T) {
	x := harness.Start(t, process.Processes)
	_, err := process.Start(x, echo, peer.ListenNoKeepalive(x).Addr().String())
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
}

func TestBrokenProgramIsAnError(t *testing.T) {
	x := harness.Start(t, process.Processes)
	_, err := process.Start(x, broken, "return")
	assert.ErrorContains(t, err, "before it was ready")
	_, err = process.Start(x, broken, "exit")
	assert.ErrorContains(t, err, "status 3")
}

func TestProcessInheritsListener(t *testing.T) {
	x := harness.Start(t, process.Processes)
	listener := peer.ListenNoKeepalive(x)
	process, err := process.Start(x, echo.Inheriting(listener), "inherited")
	require.NoError(t, err)
	assert.Equal(t, listener.Addr().String(), process.Address)
	assert.NoError(t, isAlive(t, process.Address, time.Minute))
}

// After a process has inherited a listener, the listener's socket is still non-blocking in the test: closing the
// listener frees an Accept that is waiting.
func TestInheritedListenerStaysNonBlocking(t *testing.T) {
	x := harness.Start(t, process.Processes)
	listener := peer.ListenNoKeepalive(x)
	_, err := process.Start(x, echo.Inheriting(listener), harness.Loopback()) // it does not use the listener
	require.NoError(t, err)
	accept := x.Begin(harness.Server, "Accept", func() error {
		_, err := listener.Accept()
		return err
	})
	require.NoError(t, listener.Close())
	assert.ErrorIs(t, accept.Wait(), net.ErrClosed)
}

// Whatever ends the test, its processes end too.
func TestProcessNeverOutlivesTest(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"return", "panic", "interrupt", "kill"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			if end == "interrupt" {
				child.SkipIfIgnored(t, os.Interrupt)
			}
			cmd := child.Command(t, "TestChildStartsProcesses", "HARNESS_TEST_END="+end, "LABS_SANDBOX=off")
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			output := bufio.NewReader(stdout)
			said, err := output.ReadString('\n')
			require.NoError(t, err)
			addresses := strings.Fields(said)
			require.Len(t, addresses, 2, said)
			switch end {
			case "interrupt":
				require.NoError(t, cmd.Process.Signal(os.Interrupt))
			case "kill":
				require.NoError(t, cmd.Process.Kill())
			}
			io.Copy(io.Discard, output)
			cmd.Wait() // how it ended does not matter

			for _, address := range addresses {
				assert.Eventually(t, func() bool {
					return errors.Is(isAlive(t, address, time.Minute), syscall.ECONNREFUSED)
				}, time.Minute, time.Millisecond, "the process at %s has outlived the test", address)
			}
		})
	}
}

func TestChildStartsProcesses(t *testing.T) {
	x := harness.Start(t, process.Processes)
	running, err := process.Start(x, echo, harness.Loopback())
	require.NoError(t, err)
	stopped, err := process.Start(x, echo, harness.Loopback())
	require.NoError(t, err)
	stopped.Stop()
	fmt.Println(running.Address, stopped.Address)
	switch os.Getenv("HARNESS_TEST_END") {
	case "panic":
		panic("as asked")
	case "interrupt", "kill":
		<-t.Context().Done() // it is not done while the test runs
	}
}
