//go:build unix

package gotest

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() { fakes["starts a test"] = startsTest }

// heardVar is an environment variable: the file in which a fake notes each interrupt that it gets.
const heardVar = "GOTEST_HEARD"

// listen starts to listen for interrupts, and returns a function that waits for one and notes it.
func listen() (interrupted func()) {
	interrupts := make(chan os.Signal, 9)
	signal.Notify(interrupts, os.Interrupt)
	return func() {
		<-interrupts
		note(os.Getenv(heardVar))
	}
}

// startsTest is a go command that has started a test. Both must get an interrupt.
func startsTest() {
	interrupted := listen()
	self, _ := os.Executable()
	test := exec.Command(self)
	test.Env = append(os.Environ(), fakeVar+"=runs")
	test.Stdout = os.Stdout
	test.Run()
	interrupted()
}

func note(path string) {
	if file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
		file.WriteString("interrupted\n")
		file.Close()
	}
}

func TestInterruptReachesAllThatWereStarted(t *testing.T) {
	onPath(t, "starts a test")
	heard := filepath.Join(t.TempDir(), "heard")
	t.Setenv(heardVar, heard)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	err := Do(ctx, ".", nil, func(e Event) {
		if e.Action != Compile { // the fake has printed something, so it runs
			interrupt()
		}
	})
	assert.ErrorIs(t, err, context.Canceled)
	text, err := os.ReadFile(heard)
	require.NoError(t, err)
	assert.Equal(t, "interrupted\ninterrupted\n", string(text), "go, and the test that it has started, once each")
}

func TestInterruptReachesCompilers(t *testing.T) {
	onPath(t, "starts a test")
	temporary := t.TempDir()
	heard, compiles := filepath.Join(temporary, "heard"), filepath.Join(temporary, "begun")
	t.Setenv(heardVar, heard)
	t.Setenv(begunVar, compiles)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	go func() {
		assert.Eventually(t, func() bool {
			_, err := os.Stat(compiles)
			return err == nil
		}, time.Minute, time.Millisecond)
		interrupt()
	}()
	assert.ErrorIs(t, Build(ctx, ".", temporary, os.Environ(), "build"), context.Canceled)
	text, err := os.ReadFile(heard)
	require.NoError(t, err)
	assert.Equal(t, "interrupted\ninterrupted\n", string(text), "go, and what it has started, before Build returns")
}

// The terminal sends an interrupt to its foreground group. In that group, tests would get it twice.
func TestGoHasAGroupOfItsOwn(t *testing.T) {
	cmd := exec.Command("go")
	interruptAsGroup(cmd)
	assert.Equal(t, &syscall.SysProcAttr{Setpgid: true}, cmd.SysProcAttr)
}
