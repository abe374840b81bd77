//go:build !linux

package jail

import (
	"context"
	"fmt"
	"runtime"
)

// Enter does nothing: only Linux has jails of several processes.
func Enter() {}

// Missing says what a jail lacks on this system.
func Missing(context.Context) string { return runtime.GOOS + " has no namespaces" }

// Line is the beginning of a command line that runs a program with the only part of a jail that this system has: a memory
// limit, if there is a shell that can set it. "ulimit -d" counts KiB: RLIMIT_DATA in getrlimit(2).
func (p Plan) Line() ([]string, error) {
	if p.Memory == 0 || runtime.GOOS == "windows" {
		return nil, nil
	}
	return []string{"/bin/sh", "-c", fmt.Sprintf(`ulimit -d %d; exec "$0" "$@"`, p.Memory>>10)}, nil
}
