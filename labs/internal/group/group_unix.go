//go:build unix

// Package group ends a command together with what it has started.
package group

import (
	"os/exec"
	"syscall"
)

// Of makes a command and what it starts a process group of their own, which is killed when the command's context ends.
// Where the kernel knows how, they are killed with this process, too: with the thread that starts the command.
func Of(cmd *exec.Cmd) {
	cmd.SysProcAttr = endingWithParent()
	cmd.SysProcAttr.Setpgid = true
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// KillLeft kills what a command has left of its group.
func KillLeft(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
