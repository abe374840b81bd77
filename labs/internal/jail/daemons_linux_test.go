package jail

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whichever process ends first, no process is left that the program has started.
func TestNothingIsLeftOfJail(t *testing.T) {
	t.Parallel()
	p := plan(t)
	for _, p.Walls = range []bool{true, false} {
		for _, ends := range []string{"the program", "the outer process", "who started the outer process"} {
			p := p // a copy
			t.Run(fmt.Sprintf("walls %v, %s ends", p.Walls, ends), func(t *testing.T) {
				t.Parallel()
				mark := fmt.Sprint("labs-jail-test-", time.Now().UnixNano())
				act := "leaves a daemon"
				if ends != "the program" {
					act = "leaves a daemon and waits"
				}
				cmd := jailed(t, p, act, mark)
				if ends == "who started the outer process" {
					line := cmd.Args
					cmd = exec.CommandContext(t.Context(), line[0])
					cmd.Args = append([]string{line[0]}, line...)
					cmd.Env = append(os.Environ(), actVar+"=starts and waits", "LABS_JAIL_NEXT="+act)
				}
				stdout, err := cmd.StdoutPipe()
				require.NoError(t, err)
				require.NoError(t, cmd.Start())
				stdout.Read(make([]byte, 1))
				if ends != "the program" {
					require.NotEmpty(t, processesOf(t, mark), "the daemon runs, as a control")
					cmd.Process.Kill()
				}
				cmd.Wait()
				assert.Eventually(t, func() bool { return len(processesOf(t, mark)) == 0 }, 10*time.Second, 10*time.Millisecond)
			})
		}
	}
}

// processesOf are the processes with a word in their command line.
func processesOf(t *testing.T, word string) (found []string) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, path := range lines {
		if line, err := os.ReadFile(path); err == nil && strings.Contains(string(line), word) {
			found = append(found, path+": "+string(line))
		}
	}
	return found
}
