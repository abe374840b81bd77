package process

import "syscall"

// attributes make the kernel kill a process when the thread that started it ends: prctl(2),
// PR_SET_PDEATHSIG. That also ends a stopped process, which could not notice that the test has ended.
// They also give the process its own process group. In the test's group, a stopped process would be
// continued if that group is orphaned, for example when the shell ends after "nohup go test &": the
// kernel then sends SIGCONT to the group (setpgid(2)).
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
