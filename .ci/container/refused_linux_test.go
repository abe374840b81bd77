//go:build amd64 || arm64

package main

import (
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"socketlabs/harness/refuse"
	"socketlabs/harness/skip"
)

// The filter refuses the calls of the list, and allows other uses of the same calls. It is for the test's own thread only, which
// ends with the goroutine.
func TestOnlyWhatTheListRefusesIsRefused(t *testing.T) {
	if err := refuse.OnThisThread(refused()...); err != nil {
		skip.Needs(t, "seccomp", err.Error())
	}
	call := func(number uintptr, args ...uintptr) error {
		args = append(args, 0, 0, 0)
		if _, _, errno := unix.Syscall(number, args[0], args[1], args[2]); errno != 0 {
			return errno
		}
		return nil
	}
	start := func(flags uintptr) error {
		cmd := exec.Command("/bin/true")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
		return cmd.Run()
	}
	for flag, name := range map[uintptr]string{
		unix.CLONE_NEWUSER: "user", unix.CLONE_NEWNET: "net", unix.CLONE_NEWNS: "mnt", unix.CLONE_NEWPID: "pid",
		unix.CLONE_NEWIPC: "ipc", unix.CLONE_NEWUTS: "uts", unix.CLONE_NEWCGROUP: "cgroup",
	} {
		assert.ErrorIs(t, start(unix.CLONE_NEWUSER|flag), unix.EPERM, "clone(2) with a namespace: %s", name)
		assert.ErrorIs(t, call(unix.SYS_UNSHARE, flag), unix.EPERM, "unshare(2): %s", name)
	}
	assert.NoError(t, start(0), "clone(2) without a namespace")
	assert.ErrorIs(t, call(unix.SYS_CLONE3), unix.ENOSYS, "clone3(2), which is not there")
	assert.ErrorIs(t, call(newest+1), unix.ENOSYS, "a call that is too new")

	for _, family := range []uintptr{unix.AF_ALG, unix.AF_VSOCK} {
		assert.ErrorIs(t, call(unix.SYS_SOCKET, family, unix.SOCK_STREAM), unix.EPERM, "socket(2) of family %d", family)
	}
	for _, family := range []int{unix.AF_INET, unix.AF_INET6, unix.AF_UNIX} {
		fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
		assert.NoError(t, err, "socket(2) of family %d", family)
		unix.Close(fd)
	}

	const noRandomization = 0x40000 // ADDR_NO_RANDOMIZE in sys/personality.h
	assert.ErrorIs(t, call(unix.SYS_PERSONALITY, noRandomization), unix.EPERM)
	assert.NoError(t, call(unix.SYS_PERSONALITY, whichPersonality))
	assert.NoError(t, call(unix.SYS_PERSONALITY, personalityLinux))
	for _, number := range []uintptr{unix.SYS_KEYCTL, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_IO_URING_SETUP,
		unix.SYS_USERFAULTFD, unix.SYS_MOUNT, unix.SYS_SETNS, unix.SYS_PIDFD_GETFD} {
		assert.ErrorIs(t, call(number), unix.EPERM, "call %d", number)
	}
	assert.ErrorIs(t, call(unix.SYS_PTRACE, ^uintptr(0)), unix.ESRCH, "ptrace(2) of process 0 is not refused, and finds nothing")
}
