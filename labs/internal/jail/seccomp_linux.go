//go:build amd64 || arm64

package jail

import (
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// families are the address families of sockets that the program may open. Some others lead out of every network namespace:
// AF_VSOCK leads to the host of a virtual machine.
var families = []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// refused are system calls that no exercise needs, and that reach what does not belong to the program: without walls, and some
// of them even within walls.
var refused = []uint32{
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL, // the keys of the person who grades
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, // other processes of the same user, as a debugger does
	unix.SYS_PIDFD_GETFD, unix.SYS_KCMP, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_SHMGET, unix.SYS_SEMGET, unix.SYS_MSGGET, unix.SYS_MQ_OPEN, // objects that outlive all processes
	unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETAFFINITY, // priorities of other processes of the same user
	unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR,
	unix.SYS_IO_URING_SETUP, // makes system calls that no filter sees
}

// The x32 system calls of amd64 have numbers from here on. The filter refuses them, and those of 32-bit programs, because the
// same calls have other numbers there.
const x32 = 1 << 30

// Offsets in struct seccomp_data: linux/seccomp.h.
const (
	callNumber   = 0
	architecture = 4
	firstArg     = 16
)

// refuseCalls makes the kernel refuse some system calls of what this thread starts: seccomp(2). It does nothing if the kernel
// has no filters for system calls.
func refuseCalls() error {
	const load, equal, notBelow, done = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K,
		unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	own := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	refuse := func(errno uint32) unix.SockFilter {
		return unix.SockFilter{Code: done, K: unix.SECCOMP_RET_ERRNO | errno}
	}
	program := []unix.SockFilter{
		{Code: load, K: architecture}, {Code: equal, K: own, Jt: 1}, refuse(uint32(unix.ENOSYS)),
		{Code: load, K: callNumber}, {Code: notBelow, K: x32, Jf: 1}, refuse(uint32(unix.ENOSYS)),
	}
	for _, number := range refused {
		program = append(program, unix.SockFilter{Code: equal, K: number, Jf: 1}, refuse(uint32(unix.ENOSYS)))
	}
	allow := unix.SockFilter{Code: done, K: unix.SECCOMP_RET_ALLOW}
	program = append(program, // prlimit(2) only for the program's own limits: process 0
		unix.SockFilter{Code: equal, K: unix.SYS_PRLIMIT64, Jf: 4}, unix.SockFilter{Code: load, K: firstArg},
		unix.SockFilter{Code: equal, K: 0, Jf: 1}, allow, refuse(uint32(unix.EPERM)))
	program = append(program, unix.SockFilter{Code: equal, K: unix.SYS_SOCKET, Jt: 1}, allow, unix.SockFilter{Code: load, K: firstArg})
	for _, family := range families {
		program = append(program, unix.SockFilter{Code: equal, K: family, Jf: 1}, allow)
	}
	program = slices.Concat(program, []unix.SockFilter{refuse(uint32(unix.EAFNOSUPPORT))})

	of := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&of)))
	if errno == 0 || errno == unix.ENOSYS || errno == unix.EINVAL {
		return nil
	}
	return os.NewSyscallError("seccomp", errno)
}
