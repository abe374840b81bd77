//go:build unix

// Package group runs a command together with what it starts, and ends all of that.
package group

import (
	"os/exec"
	"runtime"
	"syscall"
)

// Run runs a command that is made with a context. The command and what it starts are a process group of their own. That is
// killed when the context ends, and what is left of it when the command has ended. Where the kernel knows how, the command is
// killed with this process, too.
func Run(cmd *exec.Cmd) error {
	// The kernel kills it with its parent, and the parent is the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = endingWithParent()
	cmd.SysProcAttr.Setpgid = true
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = kill
	if err := cmd.Start(); err != nil {
		return err
	}
	defer kill()
	return cmd.Wait()
}
