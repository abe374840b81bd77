//go:build !unix

package toolchain

import (
	"context"
	"os/exec"
)

// limited: only time can be limited here.
func limited(ctx context.Context, command string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, command, args...)
}
