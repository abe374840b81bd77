//go:build unix && !linux

package processgroup

import "syscall"

// endingWithParent sets nothing: this kernel can't kill a process with its parent.
func endingWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
