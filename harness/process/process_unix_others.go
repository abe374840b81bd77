//go:build unix && !linux

package process

import "syscall"

// attributes give a process its own process group, as on Linux. The kernel does not kill it when the test ends: the
// process exits when its standard input ends.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
