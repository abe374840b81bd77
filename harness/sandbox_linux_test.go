package harness_test

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/skip"
)

func TestExperimentsRunInNamespaceOfTheirOwn(t *testing.T) {
	t.Parallel()
	skip.UnlessSelf(t)
	outside, err := os.Readlink("/proc/self/ns/net")
	require.NoError(t, err)
	for _, sandbox := range []struct {
		setting string
		private bool
	}{
		{"on", true},
		{"off", false},
	} {
		t.Run(sandbox.setting, func(t *testing.T) {
			out, err := child.Command(t, "TestChildSaysWhereItRuns", "LABS_SANDBOX="+sandbox.setting).Output()
			require.NoError(t, err)
			inside, rest, _ := strings.Cut(string(out), "\n")
			missing, _, _ := strings.Cut(rest, "\n")
			if sandbox.private && missing != "" {
				skip.Needs(t, "PrivateLoopback", missing)
			}
			assert.Equal(t, sandbox.private, inside != outside, "%s inside, %s outside", inside, outside)
		})
	}
}

func TestChildSaysWhereItRuns(t *testing.T) {
	inside, err := os.Readlink("/proc/self/ns/net")
	require.NoError(t, err)
	fmt.Println(inside)
	fmt.Println(harness.PrivateLoopback.Missing())
}

// Whichever signal ends the process outside, the process inside ends too, and its sockets are closed.
func TestSignalLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			child.SkipIfIgnored(t, signal)
			cmd := child.Command(t, "TestChildWaitsToBeKilled")
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			var complaints strings.Builder
			cmd.Stderr = &complaints
			cmd.WaitDelay = time.Second // for the process inside, which has the same standard error
			require.NoError(t, cmd.Start())
			said, err := bufio.NewReader(stdout).ReadString('\n')
			require.NoError(t, err)
			inside, err := strconv.Atoi(strings.TrimSpace(said))
			require.NoError(t, err)

			require.NoError(t, cmd.Process.Signal(signal))
			cmd.Wait() // how it ended is looked at below
			status := cmd.ProcessState.Sys().(syscall.WaitStatus)
			assert.Equal(t, signal, status.Signal(), "the process outside should end by the signal: %v: %s", cmd.ProcessState, &complaints)
			assert.Eventually(t, func() bool { return hasEnded(inside) }, time.Minute, time.Millisecond,
				"process %d, inside, has outlived the process outside", inside)
		})
	}
}

func TestChildWaitsToBeKilled(t *testing.T) {
	fmt.Println(os.Getpid())
	<-t.Context().Done() // it is not done while the test runs
}

// hasEnded reports whether the process is gone, or is a zombie that init will reap: proc_pid_stat(5).
func hasEnded(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	return isOver(string(stat))
}

// isOver reads the state of a process, which follows its name. The name is in parentheses, and may itself contain some.
func isOver(stat string) bool {
	state := strings.TrimSpace(stat[strings.LastIndexByte(stat, ')')+1:])
	return strings.HasPrefix(state, "Z") || strings.HasPrefix(state, "X")
}

func TestStateIsReadBehindAnyName(t *testing.T) {
	assert.True(t, isOver("7 (a) Z (b) Z 1 7 7 0"))
	assert.False(t, isOver("7 (a) Z (b) S 1 7 7 0"))
}
