package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/cli"
)

// terminal is a terminal with 80 columns and 24 lines: pts(4).
type terminal struct {
	file       *os.File // the side of the process that uses it
	controller *os.File // the side of its window

	mu   sync.Mutex
	text strings.Builder // what was written so far
	over chan struct{}   // closed when no process has the terminal any more
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	controller, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		skip.Needs(t, "pseudo-terminals", err.Error())
	}
	t.Cleanup(func() { controller.Close() })
	raw, err := controller.SyscallConn() // Fd would make Close wait for a read
	require.NoError(t, err)
	var number int
	require.NoError(t, raw.Control(func(fd uintptr) {
		err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		if err == nil {
			number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	}))
	require.NoError(t, err)
	file, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	require.NoError(t, unix.IoctlSetWinsize(int(file.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	term := &terminal{file: file, controller: controller, over: make(chan struct{})}
	go func() {
		defer close(term.over)
		io.Copy(term, controller)
	}()
	return term
}

func (term *terminal) Write(text []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.text.Write(text)
}

// says is what was written to the terminal so far.
func (term *terminal) says() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.text.String()
}

// hangUp waits until no process has the terminal any more, and returns everything that was written.
func (term *terminal) hangUp(t *testing.T) string {
	t.Helper()
	require.NoError(t, term.file.Close())
	<-term.over
	return term.says()
}

// While the compilers work, the terminal shows their progress, wherever the output goes.
func TestTerminalSaysHowFarCompilersAre(t *testing.T) {
	skip.UnlessChecking(t, "asks each verb how far its compilers are")
	for _, use := range []struct{ args, output string }{
		{"run ReadIsAnswered", "terminal"},
		{"run ReadIsAnswered", "pipe"},
		{"run", "terminal"},
		{"run", "file"},
		{"doctor", "terminal"},
		{"matrix", "terminal"},
		{"matrix --markdown", "file"},
		{"report", "terminal"},
		{"report", "pipe"},
		{"grade SendAll", "terminal"},
		{"grade --format json SendAll", "file"},
		{"grade --class CLASS SendAll", "terminal"},
		{"solution SendAll", "terminal"},
		{"timemachine DialTimeoutGivesUp --all", "terminal"},
		{"timemachine DialTimeoutGivesUp --all --json", "pipe"},
	} {
		t.Run(use.args+"/to a "+use.output, func(t *testing.T) {
			t.Parallel()
			saysHowFar(t, use.args, use.output)
		})
	}
}

func saysHowFar(t *testing.T, args, output string) {
	t.Helper()
	in := module
	if strings.Contains(args, "CLASS") { // a class of one student, who has begun nothing
		class := t.TempDir()
		require.NoError(t, os.CopyFS(filepath.Join(class, "ada", "lab01_timeout"), os.DirFS("../lab01_timeout/exercise")))
		args = strings.ReplaceAll(args, "CLASS", class)
	}
	if verb, _, _ := strings.Cut(args, " "); strings.Contains("grade solution timemachine", verb) {
		in = ".."
	}
	cmd, temporary := commandIn(t, in, strings.Fields(args)...)
	cmd.Env = append(cmd.Env, "TERM=xterm", "GOCACHE="+t.TempDir()) // an empty cache, so that everything has to be compiled
	term := newTerminal(t)
	cmd.Stderr = term.file
	switch output {
	case "terminal":
		cmd.Stdout = term.file
	case "file":
		file, err := os.Create(filepath.Join(t.TempDir(), "out"))
		require.NoError(t, err)
		defer file.Close()
		cmd.Stdout = file
	default:
		cmd.Stdout = io.MultiWriter(io.Discard) // through a pipe
	}
	require.NoError(t, cmd.Start())
	howFar := regexp.MustCompile(`\d s  compiling, slow the first time: \d+ of \d\d+ packages`)
	assert.Eventually(t, func() bool { return howFar.MatchString(term.says()) }, time.Minute, time.Millisecond,
		"it should say how far it is")
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	cmd.Wait() // the next lines check its status
	assert.Equal(t, interruptedStatus, cmd.ProcessState.ExitCode())
	assert.Regexp(t, `\r(\x1b\[K)?labs: interrupted\r\n$`, term.hangUp(t), "the line is not cleared away")
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "temporary files")
}

// If the terminal's window is closed, the command ends, whatever it is doing, and prints why to its errors.
func TestClosedTerminalEndsTheCommand(t *testing.T) {
	skip.UnlessChecking(t, "closes terminals on many verbs")
	for _, args := range []string{"run", "run ReadIsAnswered", "doctor", "matrix", "report", "run ReadIsAnswered --predict", "grade SendAll"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			in := module
			if strings.HasPrefix(args, "grade") {
				in = ".."
			}
			cmd, temporary := commandIn(t, in, strings.Fields(args)...)
			term := newTerminal(t)
			var stderr strings.Builder
			cmd.Env = append(cmd.Env, "TERM=xterm", "GOCACHE="+t.TempDir()) // an empty cache, so that it takes long
			cmd.Stdin, cmd.Stdout, cmd.Stderr = term.file, term.file, &stderr
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			require.NoError(t, cmd.Start())
			require.NoError(t, term.file.Close())
			require.Eventually(t, func() bool { return regexp.MustCompile(`compiling|prediction`).MatchString(term.says()) }, time.Minute, time.Millisecond)
			require.NoError(t, term.controller.Close())
			cmd.Wait() // the next lines check its status
			assert.Equal(t, badUseStatus, cmd.ProcessState.ExitCode())
			assert.Regexp(t, `^labs: (the terminal was closed|can't write the output: .*)\n$`, stderr.String())
			left, err := os.ReadDir(temporary)
			require.NoError(t, err)
			assert.Empty(t, left, "temporary files")
		})
	}
}

// No line is wider than the terminal. Longer output goes through the pager, complete and in order.
func TestTextFitsTheTerminal(t *testing.T) {
	skip.UnlessChecking(t, "uses each verb on a terminal")
	uses := []string{
		"", "help", "list", "claims", "exercises", "show VanishedPeerOnTheWire", "find hang", "hint SendAll 3", "solution --spoil SendAll", "doctor",
	}
	for _, verb := range newCommand(new(cli.Session)).Commands() {
		uses = append(uses, "help "+verb.Name())
	}
	for _, args := range uses {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			paged := filepath.Join(t.TempDir(), "paged")
			cmd, _ := commandIn(t, "..", strings.Fields(args)...)
			term := newTerminal(t)
			cmd.Env = append(cmd.Env, "TERM=xterm", "PAGER=tee "+paged)
			cmd.Stdout, cmd.Stderr = term.file, term.file
			require.NoError(t, cmd.Run(), "%s", term.says())
			text := strings.ReplaceAll(term.hangUp(t), "\r\n", "\n")
			if _, after, overwritten := strings.Cut(text, "\r"+ansi.EraseLineRight); overwritten {
				text = after
			}
			for line := range strings.Lines(text) {
				assert.LessOrEqual(t, ansi.StringWidth(strings.TrimSuffix(line, "\n")), 80, line)
			}
			if strings.Count(text, "\n") > 24 {
				through, err := os.ReadFile(paged)
				require.NoError(t, err, "it should go through the pager")
				assert.Empty(t, cmp.Diff(string(through), text), "(-paged +on the terminal)")
			}
		})
	}
}

// A reader may press ^C in the pager, for example to end a long search. If the pager shows nothing, the command fails.
func TestPagerIsWaitedFor(t *testing.T) {
	for _, use := range []struct {
		pager  string
		status int
		says   string
	}{
		{"kill -INT $PPID; sleep 0.1; cat >/dev/null", 0, `^$`},
		{"kill -INT $$", 0, `^$`},
		{"exit 3", badUseStatus, `^labs: the pager sh failed: exit status 3; set PAGER to another, such as less\n$`},
	} {
		t.Run(use.pager, func(t *testing.T) {
			t.Parallel()
			script := filepath.Join(t.TempDir(), "pager")
			require.NoError(t, os.WriteFile(script, []byte(use.pager), 0o666))
			cmd, _ := commandIn(t, "..", "claims")
			var stderr strings.Builder
			cmd.Env = append(cmd.Env, "TERM=xterm", "PAGER=sh "+script)
			cmd.Stdout, cmd.Stderr = newTerminal(t).file, &stderr
			cmd.Run() // the next lines check its status
			assert.Equal(t, use.status, cmd.ProcessState.ExitCode())
			assert.Regexp(t, use.says, stderr.String())
		})
	}
}
