//go:build unix && !linux

package processgroup

import "syscall"

// endingWithParent: there is nothing of the kind here.
func endingWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
