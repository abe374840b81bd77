//go:build unix

package student

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// pair opens one direction of a channel. It returns the end that the student's process inherits, to read from it or to
// write to it, and the grader's own end. Both are sockets, so that one process can pass a descriptor to the other: see
// [Give].
func pair(_ way) (inherited, own *os.File, err error) {
	syscall.ForkLock.RLock() // a process that starts meanwhile would inherit the ends
	defer syscall.ForkLock.RUnlock()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	unix.CloseOnExec(ends[0])
	unix.CloseOnExec(ends[1])
	if err := unix.SetNonblock(ends[1], true); err != nil { // so that Close ends a Read
		return nil, nil, err
	}
	return os.NewFile(uintptr(ends[0]), "the student's end"), os.NewFile(uintptr(ends[1]), "the grader's end"), nil
}

// polled returns the same file, but reading it does not keep a thread waiting in the kernel. With such a thread, Go 1.26
// sometimes took 16 s to stop the world on a busy machine. Each look at the goroutines stops the world.
func polled(f *os.File) *os.File {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil || unix.SetNonblock(fd, true) != nil {
		return f
	}
	f.Close()
	return os.NewFile(uintptr(fd), f.Name())
}

// asGroup puts a command, and the processes that it starts, into a process group of their own.
func asGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
