//go:build !unix

package grade

import (
	"context"
	"os/exec"
)

// limited: memory can't be limited here.
func limited(ctx context.Context, _ Limits, binary string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, binary, args...)
}

// asGroup: there are no process groups here. The command alone is killed.
func asGroup(*exec.Cmd) {}

func killLeft(int, string) {}
