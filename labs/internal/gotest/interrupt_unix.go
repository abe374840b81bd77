//go:build unix

package gotest

import (
	"os/exec"
	"syscall"
)

// interruptAsGroup makes go test and the tests that it starts a process group of their own. The go
// command leaves interrupts to the tests, so all of them must hear of it; and ^C at the terminal, which
// goes to the foreground group, must not reach them a second time.
func interruptAsGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
}
