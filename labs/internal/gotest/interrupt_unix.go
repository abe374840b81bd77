//go:build unix

package gotest

import (
	"os/exec"
	"syscall"
)

// interruptAsGroup makes go test and the tests that it starts a process group of their own, and interrupts the
// whole group: the go command leaves an interrupt to the tests, so all of them must get it. The terminal sends ^C
// to its foreground group, so in a group of their own they don't get it a second time.
func interruptAsGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
}
