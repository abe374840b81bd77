//go:build !unix

// Package group runs a command together with what it starts, and ends all of that.
package group

import "os/exec"

// Run runs a command that is made with a context. There are no process groups here: the command alone is killed when the
// context ends.
func Run(cmd *exec.Cmd) error { return cmd.Run() }
