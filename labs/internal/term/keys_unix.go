//go:build unix

package term

import (
	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// withoutLines makes a terminal deliver each key at once, and not show it: termios(3). ^C is still a signal.
func withoutLines(s *term.State) {
	s.Lflag &^= unix.ICANON | unix.ECHO
	s.Cc[unix.VMIN], s.Cc[unix.VTIME] = 1, 0
}
