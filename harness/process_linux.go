package harness

import "syscall"

// endingWithParent makes the kernel kill a process when the thread that started it ends: prctl(2),
// PR_SET_PDEATHSIG. It ends also a process that is stopped, and so would not see that the test has
// ended.
func endingWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
