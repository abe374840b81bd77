package term

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

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
	} {
		require.NoError(t, unix.IoctlSetWinsize(int(file.Fd()), unix.TIOCSWINSZ, &told))
		width, height := (&Screen{file: file}).Size()
		assert.Equal(t, want, [2]int{width, height}, "%+v", told)
	}
}
