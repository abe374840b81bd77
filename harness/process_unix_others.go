//go:build unix && !linux

package harness

import "syscall"

// endingWithParent: there is nothing of the kind here. A process sees that its standard input ends.
func endingWithParent() *syscall.SysProcAttr { return nil }
