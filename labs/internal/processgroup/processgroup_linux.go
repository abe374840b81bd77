package processgroup

import "syscall"

// endingWithParent makes the kernel kill a process when the thread that started it ends: prctl(2),
// PR_SET_PDEATHSIG.
func endingWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
