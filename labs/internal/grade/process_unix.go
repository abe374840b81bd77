//go:build unix

package grade

import (
	"os/exec"
	"strconv"
	"syscall"
)

// limited is the command line of a process that may take only so much memory. The shell sets the limit before it
// becomes the process: Go has no way to do it between fork and exec. "ulimit -d" counts KiB: RLIMIT_DATA in getrlimit(2).
func limited(limits Limits, binary string) []string {
	return []string{"/bin/sh", "-c", "ulimit -d " + strconv.Itoa(limits.Memory>>10) + `; exec "$0"`, binary}
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
