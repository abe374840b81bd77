package process

import "syscall"

// attributes make the kernel kill a process when the thread that started it ends: prctl(2),
// PR_SET_PDEATHSIG. That ends a stopped process, too, which would not see that the test has ended. And they
// give it a process group of its own: in the test's group, a stopped process would go on when that group
// loses its shell, as when a shell ends after "nohup go test &". The kernel sends SIGCONT then: setpgid(2).
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
