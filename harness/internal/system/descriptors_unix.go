//go:build unix

package system

import (
	"math"

	"golang.org/x/sys/unix"
)

// MaxDescriptors is how many descriptors this process may have open: getrlimit(2), RLIMIT_NOFILE.
func MaxDescriptors() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt
	}
	return int(min(uint64(limit.Cur), math.MaxInt))
}
