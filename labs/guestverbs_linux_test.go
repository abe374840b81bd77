package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/timemachine"
)

// Each verb that runs tests runs them in a guest, without being asked, where this system can't show them. Verbs that run all
// experiments are interrupted when one has passed, and watch when it waits.
func TestEveryVerbUsesTheGuest(t *testing.T) {
	skip.UnlessChecking(t, "runs experiments in a guest")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	written := t.TempDir()
	for _, c := range []struct {
		line        []string
		answer      string
		does, shows string // what it says of the guest; what it prints when it has come so far
	}{
		{[]string{"run", "--predict", "DeathIsToldOnce"}, "3\n", "the experiments run", "✓ You were right: io.EOF"},
		{[]string{"matrix"}, "", "the experiments run", "ETIMEDOUT"},
		{[]string{"try", "--keepalive", "1s,1s,1", "--failure", "idle vanishes"}, "", "the experiments run", "All of it was measured in virtual time"},
		{[]string{"report", "-o", filepath.Join(written, "report.html")}, "", "the experiments run", "✓ lab01_timeout/"},
		{[]string{"site", "-o", filepath.Join(written, "site")}, "", "the experiments run", "✓ lab01_timeout/"},
		{[]string{"grade", "OpenWay"}, "", "exercises are graded", "not begun: "},
		{[]string{"watch", "OpenWay"}, "", "exercises are graded", "grading whenever you save"},
	} {
		t.Run(c.line[0], func(t *testing.T) {
			cmd, _ := commandIn(t, "..", c.line...)
			cmd.Env = append(cmd.Env, "LABS_SYSTEM=darwin")
			cmd.Stdin = strings.NewReader(c.answer)
			stdout, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
			require.NoError(t, err)
			defer stdout.Close()
			var stderr strings.Builder
			cmd.Stdout, cmd.Stderr = stdout, &stderr
			require.NoError(t, cmd.Start())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				cmd.Wait() // how it has ended says nothing: it may be interrupted
			}()
			said := func() string {
				text, err := os.ReadFile(stdout.Name())
				require.NoError(t, err)
				return string(text)
			}
			for isOver := false; !isOver && !strings.Contains(said(), c.shows); {
				select {
				case <-ended:
					isOver = true
				case <-time.After(10 * time.Millisecond):
				}
			}
			cmd.Process.Signal(syscall.SIGINT) // if it goes on
			<-ended
			require.Contains(t, said(), c.shows, "%s", &stderr)
			text := strings.TrimSuffix(stderr.String(), "labs: interrupted\n")
			assert.True(t, strings.HasPrefix(text, "labs: this is macOS: "+c.does+" on Linux ") && strings.Count(text, "\n") == 1, "%s", text)
		})
	}
}
