//go:build unix

package toolchain

import (
	"context"
	"fmt"
	"os/exec"
)

// limited is a command whose processes may take only so much. The shell sets the limits before it becomes the command: Go
// has no way to do it between fork and exec. "ulimit" counts KiB of data, and blocks of 512 bytes of a file: getrlimit(2).
func limited(ctx context.Context, command string, args ...string) *exec.Cmd {
	script := fmt.Sprintf(`ulimit -d %d; ulimit -f %d; exec "$0" "$@"`, mostMemory>>10, mostBytes/512)
	return exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", script, command}, args...)...)
}
