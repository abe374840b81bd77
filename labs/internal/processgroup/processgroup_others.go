//go:build !unix

// Package processgroup runs a command, and ends it together with the processes that it has started.
package processgroup

import (
	"context"
	"os/exec"
)

// Limited is the command without limits: this system has none that it could set.
func Limited(ctx context.Context, memory, file int, command string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, command, args...)
}

// Run runs a command that was made with a context. This system has no process groups: only the command itself is killed when
// the context ends.
func Run(cmd *exec.Cmd) error { return cmd.Run() }
