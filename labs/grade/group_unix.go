//go:build unix

package grade

import (
	"os/exec"
	"syscall"
)

// interruptAsGroup makes a command and what it starts a process group of their own, which is killed
// when the command's context ends.
func interruptAsGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
