//go:build unix

package term

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// withoutLines makes a terminal deliver each key at once, and not show it: termios(3). ^C is still a signal.
func withoutLines(s *term.State) {
	s.Lflag &^= unix.ICANON | unix.ECHO
	s.Cc[unix.VMIN], s.Cc[unix.VTIME] = 1, 0
}

// atSignals calls leave before ^Z stops this process, or ^\ ends it, and enter when the process is continued: a shell may leave
// the terminal's settings as they are, or change them. forget ends that.
func atSignals(file *os.File, leave, enter func()) (forget func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTSTP, unix.SIGQUIT, unix.SIGCONT)
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-over:
				return
			case got := <-signals:
				if got != unix.SIGCONT {
					ifOurs(file, leave)
					signal.Reset(got)
					unix.Kill(unix.Getpid(), got.(syscall.Signal))
					time.Sleep(time.Second / 10) // the signal may take effect a moment later; without a shell, it has none
					signal.Notify(signals, got)
				}
				ifOurs(file, enter)
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(over)
	}
}

// ifOurs calls set if this process is in the foreground: a background process that changes the terminal is stopped.
func ifOurs(file *os.File, set func()) {
	if foreground, err := unix.IoctlGetInt(int(file.Fd()), unix.TIOCGPGRP); err == nil && foreground == unix.Getpgrp() {
		set()
	}
}
