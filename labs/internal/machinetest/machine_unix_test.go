//go:build unix

package machinetest

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func system() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s %s", unix.ByteSliceToString(name.Sysname[:]), unix.ByteSliceToString(name.Release[:]),
		unix.ByteSliceToString(name.Machine[:]))
}

// descriptors are the limits of a Go process, which raises its soft limit to the hard one.
func descriptors() string {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d soft, %d hard", limit.Cur, limit.Max)
}
