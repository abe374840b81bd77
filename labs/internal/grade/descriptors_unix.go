//go:build unix

package grade

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// checkDescriptors fails where no exercise could pass, because processes may open too few files. Go raises what a process
// may open as far as it may be raised: getrlimit(2).
func checkDescriptors() error {
	const enough = 128 // a grader, its peers and the go command take fewer
	var may unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &may); err != nil {
		return err
	}
	if uint64(may.Max) < enough {
		return fmt.Errorf("grading needs %d descriptors, and a process may open %d here: raise the limit with ulimit -n", enough, may.Max)
	}
	return nil
}
