package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

func TestWhatIsFoundFitsTheTerminal(t *testing.T) {
	skip.UnlessChecking(t, "searches nine times")
	t.Parallel()
	for _, columns := range []int{60, 80, 120} {
		// A match in the source has a long line number, and a match of a symptom has advice.
		for _, words := range []string{"AwaitTCPInfo", "connection reset by peer", "http.Server two and a half minutes"} {
			t.Run(fmt.Sprintf("%d columns/%s", columns, words), func(t *testing.T) {
				t.Parallel()
				cmd, _ := commandIn(t, "..", append([]string{"find"}, strings.Fields(words)...)...)
				term := newTerminal(t)
				require.NoError(t, unix.IoctlSetWinsize(int(term.file.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)}))
				cmd.Env = append(cmd.Env, "TERM=xterm", "PAGER=cat")
				cmd.Stdout, cmd.Stderr = term.file, term.file
				require.NoError(t, cmd.Run(), "%s", term.says())
				text := strings.ReplaceAll(term.hangUp(t), "\r\n", "\n")
				assert.Contains(t, ansi.Strip(text), "Next: go run ./labs run NAME, or show NAME\n")
				for line := range strings.Lines(text) {
					assert.LessOrEqual(t, ansi.StringWidth(strings.TrimSuffix(line, "\n")), columns, line)
				}
			})
		}
	}
}
