//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/studentsfolder"
)

const modelOfSendAll = "internal/solutions/testdata/lab01_timeout/SendAll/model.go"

// Exercises that are begun are graded when the watch begins, and whenever they are saved. If there are two saves, the last one
// counts.
func TestWatchGradesWhatIsSaved(t *testing.T) {
	skip.UnlessChecking(t, "grades three times")
	root, err := catalog.Root(".")
	require.NoError(t, err)
	begun, err := condition(root, "begun")
	require.NoError(t, err)
	if begun {
		skip.Needs(t, "the starters", "exercises here are begun")
	}
	folder := t.TempDir()
	_, err = studentsfolder.Make(root, folder)
	require.NoError(t, err)
	file := filepath.Join(folder, "lab01_timeout", "exercise", "exercise.go")
	right, err := os.ReadFile(modelOfSendAll)
	require.NoError(t, err)
	wrong := strings.Replace(string(right), "sent += n", "", 1)
	require.NotEqual(t, string(right), wrong)
	endless := strings.Replace(string(right), "{\n\tdefer", "{\n\tfor {\n\t}\n\tdefer", 1)
	require.NotEqual(t, string(right), endless)
	save := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text+others), 0o666)) }

	save(wrong)
	self := skip.UnlessSelf(t)
	cmd := exec.CommandContext(t.Context(), self, "watch", "SendAll")
	cmd.Args[0], cmd.Dir = "labs", folder
	compiled, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	// The progress is in a cache of this test.
	cmd.Env = append(os.Environ(), "GOCACHE="+strings.TrimSpace(string(compiled)), "XDG_CACHE_HOME="+t.TempDir())
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said := bufio.NewScanner(stdout)
	await(t, said, "the task: lab01_timeout/exercise/exercise.go:")
	await(t, said, "✗ lab01_timeout/SendAll")
	await(t, said, "0 of 10 points")

	save(endless)
	save(string(right))
	await(t, said, "✓ lab01_timeout/SendAll")
	await(t, said, "10 of 10 points")
	await(t, said, "all is done: 1 exercise passed")
	require.NoError(t, os.Chtimes(file, time.Now(), time.Now().Add(-time.Hour)))
	await(t, said, "was saved at ")

	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	io.Copy(io.Discard, stdout)
	cmd.Wait() // the next lines check its status
	assert.Equal(t, interruptedStatus, cmd.ProcessState.ExitCode())
}

// others are the starters of the exercises except SendAll.
const others = `
type PatientConn struct {
	net.Conn
	Timeout time.Duration
}

func (c *PatientConn) SetReadDeadline(time.Time) error { panic(notBegun) }

func AskWithin(string, []byte, time.Duration) (reply []byte, err error) { panic(notBegun) }

type MessageReader struct{ Conn net.Conn }

func (r *MessageReader) Next(time.Duration) ([]byte, error) { panic(notBegun) }
`

func await(t *testing.T, said *bufio.Scanner, words string) {
	t.Helper()
	for said.Scan() {
		if strings.Contains(said.Text(), words) {
			return
		}
	}
	require.Fail(t, "labs watch has ended", "and never said %q", words)
}
