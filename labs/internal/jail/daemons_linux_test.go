package jail

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whichever process ends first, no process is left that the program has started.
func TestNothingIsLeftOfJail(t *testing.T) {
	t.Parallel()
	p := plan(t)
	all := []string{"the program", "the outer process", "who started the outer process"}
	for i := range 4 * len(all) {
		p, kind, ends := p, []string{sleeping, hurrying}[i/2%2], all[i/4]
		p.Walls = i%2 == 0
		if kind == hurrying && !p.Walls && !isFiltered {
			continue
		}
		t.Run(fmt.Sprintf("walls %v, %s, %s ends", p.Walls, kind, ends), func(t *testing.T) {
			t.Parallel()
			mark := fmt.Sprint("labs-jail-test-", time.Now().UnixNano())
			act := "leaves a daemon"
			if ends != "the program" {
				act = "leaves a daemon and waits"
			}
			cmd := jailed(t, p, act, mark, kind)
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
				require.Eventually(t, func() bool { return len(processesOf(t, mark)) > 0 }, 10*time.Second, time.Millisecond, "the daemon runs, as a control")
				cmd.Process.Kill()
			}
			cmd.Wait()
			looks := map[string]int{sleeping: 1, hurrying: 5}[kind] // one that hurries may be between two processes at one look
			gone := func() bool {
				for range looks {
					if len(processesOf(t, mark)) > 0 {
						return false
					}
				}
				return true
			}
			assert.Eventually(t, gone, 30*time.Second, 10*time.Millisecond)
		})
	}
}

// The kinds of daemons: one does nothing, and the other goes on as another process, again and again.
const sleeping, hurrying = "a daemon that sleeps", "a daemon that hurries"

// daemon starts a process with another parent, environment and, if that is allowed, session.
func daemon(mark, kind string) string {
	for _, session := range []bool{true, false} {
		cmd := exec.Command("/bin/sh", "-c", "sleep 1000 & sleep 1000", mark)
		if kind == hurrying {
			cmd = exec.Command("/proc/self/exe", mark)
		}
		cmd.Env = []string{"PATH=/usr/bin:/bin", actVar + "=hurries"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: session}
		if cmd.Start() == nil {
			return "!"
		}
	}
	return "no daemon"
}

// hurry goes on as another process, again and again: fork(2), and the parent exits. Whoever looks for the process finds one that has
// ended. It ends if the test fails.
func hurry() {
	for began := time.Now(); time.Since(began) < time.Minute; {
		if child, _, _ := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0); child != 0 {
			syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
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
