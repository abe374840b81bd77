package process_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/process"
	"socketlabs/harness/skip"
)

func TestPythonPrintsJSON(t *testing.T) {
	skip.UnlessChecking(t, "starts Python")
	x := harness.Start(t, process.Python)
	var args []string
	require.NoError(t, process.RunPython(x, "import json, sys\nprint(json.dumps(sys.argv[1:]))", &args, "a b", "$HOME"))
	assert.Equal(t, []string{"a b", "$HOME"}, args)
}

func TestBrokenPythonIsAnError(t *testing.T) {
	skip.UnlessChecking(t, "starts Python twice")
	x := harness.Start(t, process.Python)
	var result int
	assert.ErrorContains(t, process.RunPython(x, "import nothing_of_that_name", &result), "ModuleNotFoundError: No module named")
	assert.ErrorContains(t, process.RunPython(x, "print('word')", &result), `has printed "word\n"`)
}

// At the end of the experiment, a program that is still running is killed, and its connection is closed.
func TestPythonEndsWithItsExperiment(t *testing.T) {
	t.Parallel()
	if missing := process.Python.Missing(); missing != "" {
		skip.Needs(t, process.Python.Name, missing)
	}
	const program = "import socket, sys, time\nkept = socket.create_connection(sys.argv[1:])\ntime.sleep(3600)"
	listener, err := net.Listen("tcp", harness.Loopback())
	require.NoError(t, err)
	defer listener.Close()
	var held net.Conn
	t.Run("experiments", func(t *testing.T) { // returns when all of them are over
		t.Run("one", func(t *testing.T) {
			x := harness.Start(t, process.Python)
			host, port, err := net.SplitHostPort(listener.Addr().String())
			require.NoError(t, err)
			x.Launch(harness.Client, "python3", func() error { return process.RunPython(x, program, nil, host, port) })
			held, err = listener.Accept()
			require.NoError(t, err)
		})
	})
	if held == nil {
		skip.Needs(t, process.Python.Name, process.Python.Missing())
	}
	defer held.Close()
	require.NoError(t, held.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = held.Read(make([]byte, 1))
	assert.ErrorIs(t, err, io.EOF)
}
