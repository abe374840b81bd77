package term

import (
	"os"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/windows"
)

// withoutLines makes a console deliver each key at once, and not show it: SetConsoleMode in Windows' documentation. ^C is
// still a signal.
func withoutLines(s *term.State) {
	s.Mode &^= windows.ENABLE_LINE_INPUT | windows.ENABLE_ECHO_INPUT
}

// atSignals does nothing: no key stops a process on Windows.
func atSignals(_ *os.File, leave, enter func()) (forget func()) { return func() {} }
