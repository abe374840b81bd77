//go:build unix && !linux

package process

import "syscall"

// attributes give a process a group of its own, as on Linux. Nothing kills it when the test ends: it sees that
// its standard input ends.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
