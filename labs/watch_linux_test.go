package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

// The line that watch shows while it waits goes away, and the terminal's "^C" with it.
func TestWatchSaysThatItWaits(t *testing.T) {
	cmd, _ := commandIn(t, "..", "watch", "SendAll")
	term := newTerminal(t)
	cmd.Env = append(cmd.Env, "TERM=xterm")
	cmd.Stdout, cmd.Stderr = term.file, term.file
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return strings.Contains(term.says(), "grading whenever you save") }, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	cmd.Wait() // the next lines check its status
	assert.Equal(t, interruptedStatus, cmd.ProcessState.ExitCode())
	assert.Regexp(t, `\r\x1b\[Klabs: interrupted\r\n$`, term.hangUp(t))
}

// Keys lead through the exercises, and afterward the terminal is as it was.
func TestWatchHasKeys(t *testing.T) {
	begun, err := somethingIsBegun("..")
	require.NoError(t, err)
	if begun {
		skip.Needs(t, "the starters", "exercises here are begun")
	}
	cmd, _ := commandIn(t, "..", "watch", "lab01")
	term := newTerminal(t)
	before, err := unix.IoctlGetTermios(int(term.file.Fd()), unix.TCGETS)
	require.NoError(t, err)
	cmd.Env = append(cmd.Env, "TERM=xterm", "XDG_CACHE_HOME="+t.TempDir())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = term.file, term.file, term.file
	require.NoError(t, cmd.Start())
	presses := func(key, words string) {
		t.Helper()
		_, err := term.controller.Write([]byte(key))
		require.NoError(t, err)
		require.Eventually(t, func() bool { return strings.Contains(term.says(), words) }, time.Minute, time.Millisecond, "%q", key)
	}
	presses("", "PatientConn, 0/4:  h hint  t task  n next  l list  r reset  q quit")
	presses("h", "The next: press h")
	presses("t", "PatientConn is a connection on which each read has a timeout of its own")
	presses("n", "AskWithin, 0/4:  h hint")
	presses("l", "0 of 4 passed")
	presses("r", "y yes  any other key no")
	presses("x", "AskWithin is left as it is")
	_, err = term.controller.Write([]byte("q"))
	require.NoError(t, err)
	assert.NoError(t, cmd.Wait())
	after, err := unix.IoctlGetTermios(int(term.file.Fd()), unix.TCGETS)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	// After a carriage return, the next status overwrites the old one.
	for _, line := range strings.FieldsFunc(term.hangUp(t), func(r rune) bool { return r == '\r' || r == '\n' }) {
		assert.LessOrEqual(t, ansi.StringWidth(line), 80, line)
	}
}

// ^Z stops the command, and a shell then gives the terminal its own settings. When the command goes on, each key comes at once
// again. ^\ leaves the terminal as it was.
func TestWatchHasKeysAfterStop(t *testing.T) {
	cmd, _ := commandIn(t, "..", "watch", "SendAll")
	term := newTerminal(t)
	settings := func() unix.Termios {
		is, err := unix.IoctlGetTermios(int(term.file.Fd()), unix.TCGETS)
		require.NoError(t, err)
		return *is
	}
	before := settings()
	cmd.Env = append(cmd.Env, "TERM=xterm", "XDG_CACHE_HOME="+t.TempDir())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = term.file, term.file, term.file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return strings.Contains(term.says(), "h hint") }, time.Minute, time.Millisecond)
	during := settings()
	require.NotEqual(t, before, during)

	require.NoError(t, cmd.Process.Signal(unix.SIGTSTP)) // it can't stop, because it has no shell
	require.Eventually(t, func() bool { return settings() == before }, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool { return settings() == during }, time.Minute, time.Millisecond)

	require.NoError(t, unix.IoctlSetTermios(int(term.file.Fd()), unix.TCSETS, &before))
	require.NoError(t, cmd.Process.Signal(unix.SIGCONT))
	require.Eventually(t, func() bool { return settings() == during }, time.Minute, time.Millisecond)

	require.NoError(t, cmd.Process.Signal(unix.SIGQUIT))
	cmd.Wait() // its status is not ours: Go prints where each goroutine is
	assert.Equal(t, before, settings())
}
