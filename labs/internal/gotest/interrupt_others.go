//go:build !unix

package gotest

import "os/exec"

// interruptAsGroup leaves ^C to the console of Windows, which tells all processes on it. Whatever else
// ends the command, ends go test.
func interruptAsGroup(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return nil }
}
