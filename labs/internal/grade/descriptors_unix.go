//go:build unix

package grade

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// checkDescriptors fails if processes may open so few files that no exercise could pass. Go raises the soft limit to the hard
// limit, so the hard limit counts: getrlimit(2).
func checkDescriptors() error {
	const enough = 128 // a grader, its peers and the go command need fewer
	var may unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &may); err != nil {
		return err
	}
	if uint64(may.Max) < enough {
		return fmt.Errorf("grading needs %d descriptors, and a process may open %d here: raise the limit with ulimit -n", enough, may.Max)
	}
	return nil
}
