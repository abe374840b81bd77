package term

import (
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

// Whatever the width, a line of the bottom takes one line of the terminal, so that the next drawing overwrites it.
func TestBottomFitsANarrowTerminal(t *testing.T) {
	file, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		skip.Needs(t, "pseudo-terminals", err.Error())
	}
	defer file.Close()
	for _, columns := range []uint16{1, 2, 3, 4, 20, 39, 40, 80} {
		require.NoError(t, unix.IoctlSetWinsize(int(file.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: 10}))
		s, written := onScreen(colorprofile.ASCII)
		s.file = file
		s.setBottom(strings.Repeat("x", 100) + "\n" + strings.Repeat("y", 100))
		for line := range strings.SplitSeq(written.String(), "\n") {
			assert.LessOrEqual(t, ansi.StringWidth(line), int(columns), "%d columns: %q", columns, line)
		}
	}
}

// A terminal may know its width but not its height. Then the height is that of an ordinary terminal.
func TestSizeThatATerminalWasNotTold(t *testing.T) {
	file, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		skip.Needs(t, "pseudo-terminals", err.Error())
	}
	defer file.Close()
	for told, want := range map[unix.Winsize][2]int{
		{}:                  {80, 24},
		{Col: 60}:           {60, 24},
		{Col: 60, Row: 10}:  {60, 10},
		{Row: 10}:           {80, 10},
		{Col: 500, Row: 10}: {140, 10},
		{Col: 20, Row: 10}:  {40, 10},
	} {
		require.NoError(t, unix.IoctlSetWinsize(int(file.Fd()), unix.TIOCSWINSZ, &told))
		width, height := (&Screen{file: file}).Size()
		assert.Equal(t, want, [2]int{width, height}, "%+v", told)
	}
}
