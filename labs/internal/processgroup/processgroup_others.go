//go:build !unix

// Package processgroup runs a command together with what it starts, and ends all of that.
package processgroup

import (
	"context"
	"os/exec"
)

// Limited is a command whose processes may have only so much. Nothing can be limited here.
func Limited(ctx context.Context, memory, file int, command string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, command, args...)
}

// Run runs a command that is made with a context. There are no process groups here: the command alone is killed when the
// context ends.
func Run(cmd *exec.Cmd) error { return cmd.Run() }
