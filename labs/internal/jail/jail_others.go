//go:build !linux

package jail

import (
	"context"
	"fmt"
	"runtime"
)

// Enter is for Linux.
func Enter() {}

// Missing says what a jail lacks here.
func Missing(context.Context) string { return runtime.GOOS + " has no namespaces" }

// Line is the beginning of a command line that runs a program in what there is of a jail here: a limit of memory, where a
// shell can set it. "ulimit -d" counts KiB: RLIMIT_DATA in getrlimit(2).
func (p Plan) Line() ([]string, error) {
	if p.Memory == 0 || runtime.GOOS == "windows" {
		return nil, nil
	}
	return []string{"/bin/sh", "-c", fmt.Sprintf(`ulimit -d %d; exec "$0" "$@"`, p.Memory>>10)}, nil
}
