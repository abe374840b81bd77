//go:build unix

package grade

import (
	"context"
	"os/exec"
	"strconv"
	"syscall"
)

// limited is a command that may take only so much memory. The shell sets the limit before it becomes
// the command: Go has no way to do it between fork and exec. "ulimit -d" counts KiB: RLIMIT_DATA in
// getrlimit(2).
func limited(ctx context.Context, limits Limits, binary string, args ...string) *exec.Cmd {
	script := "ulimit -d " + strconv.Itoa(limits.Memory>>10) + `; exec "$0" "$@"`
	return exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", script, binary}, args...)...)
}

// asGroup makes a command and what it starts a process group of their own, which is killed when the
// command's context ends.
func asGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = endingWithParent()
	cmd.SysProcAttr.Setpgid = true
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// killLeft kills what a command has left behind: all of its group, and what has left that.
func killLeft(group int, place string) {
	syscall.Kill(-group, syscall.SIGKILL)
	killMarked(place)
}
