//go:build !unix

package gotest

import "os/exec"

// interruptAsGroup does nothing for ^C: the console of Windows sends it to all its processes. If the context ends
// for another reason, go test is killed after cmd.WaitDelay.
func interruptAsGroup(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return nil }
}
