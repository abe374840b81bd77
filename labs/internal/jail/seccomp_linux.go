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
// AF_VSOCK leads to the host of a virtual machine. AF_UNIX leads to services that run programs for their users, such as D-Bus,
// and Landlock does not restrict it.
var families = []uint32{unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// refused are system calls that no exercise needs, and that reach what does not belong to the program: without walls, and some
// of them even within walls.
var refused = []uint32{
	// the keys of the person who grades
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,

	// other processes of the same user, as a debugger does, and their priorities
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD, unix.SYS_KCMP, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETAFFINITY,
	unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR,

	// objects that outlive all processes, and those of other programs
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_SEMGET, unix.SYS_SEMOP, unix.SYS_SEMTIMEDOP, unix.SYS_SEMCTL,
	unix.SYS_MSGGET, unix.SYS_MSGSND, unix.SYS_MSGRCV, unix.SYS_MSGCTL, unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK,

	// who may use a file, and its times: Landlock does not restrict them. Sizes: it does since Linux 6.2
	unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT, unix.SYS_TRUNCATE,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_SETXATTRAT, unix.SYS_FILE_SETATTR,
	unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, unix.SYS_REMOVEXATTRAT,

	// memory that is no process's, so that the kernel can't tell who takes it
	unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET,

	// what a user, or the whole machine, has only few of
	unix.SYS_INOTIFY_INIT1, unix.SYS_FANOTIFY_INIT, unix.SYS_IO_SETUP,

	unix.SYS_IO_URING_SETUP, // makes system calls that no filter sees
}

// refusedWithoutWalls would let the program leave the process group in which the jail ends it.
var refusedWithoutWalls = []uint32{unix.SYS_SETSID, unix.SYS_SETPGID}

// The x32 system calls of amd64 have numbers from here on. The filter refuses them, and those of 32-bit programs, because the
// same calls have other numbers there.
const x32 = 1 << 30

// typeOfSocket is the part of a socket's type that is not a flag: SOCK_TYPE_MASK in linux/net.h.
const typeOfSocket = 0xf

// Offsets in struct seccomp_data: linux/seccomp.h.
const (
	callNumber   = 0
	architecture = 4
	firstArg     = 16
	secondArg    = 24
)

// refuseCalls makes the kernel refuse some system calls of what this thread starts: seccomp(2). It does nothing if the kernel
// has no filters for system calls.
func (p Plan) refuseCalls() error {
	const (
		load     = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		and      = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
		equal    = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		notBelow = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		done     = unix.BPF_RET | unix.BPF_K
	)
	own := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	refuse := func(errno uint32) unix.SockFilter {
		return unix.SockFilter{Code: done, K: unix.SECCOMP_RET_ERRNO | errno}
	}
	program := []unix.SockFilter{
		{Code: load, K: architecture}, {Code: equal, K: own, Jt: 1}, refuse(uint32(unix.ENOSYS)),
		{Code: load, K: callNumber}, {Code: notBelow, K: x32, Jf: 1}, refuse(uint32(unix.ENOSYS)),
	}
	numbers := slices.Concat(refused, refusedHere)
	if !p.Walls {
		numbers = append(numbers, refusedWithoutWalls...)
	}
	for _, number := range numbers {
		program = append(program, unix.SockFilter{Code: equal, K: number, Jf: 1}, refuse(uint32(unix.ENOSYS)))
	}
	allow := unix.SockFilter{Code: done, K: unix.SECCOMP_RET_ALLOW}
	program = append(program, // prlimit(2) only for the program's own limits: process 0
		unix.SockFilter{Code: equal, K: unix.SYS_PRLIMIT64, Jf: 4}, unix.SockFilter{Code: load, K: firstArg},
		unix.SockFilter{Code: equal, K: 0, Jf: 1}, allow, refuse(uint32(unix.EPERM)))
	program = append(program, // socketpair(2) only for streams: a pair of datagram sockets could be connected to any AF_UNIX address
		unix.SockFilter{Code: equal, K: unix.SYS_SOCKETPAIR, Jf: 5}, unix.SockFilter{Code: load, K: secondArg},
		unix.SockFilter{Code: and, K: typeOfSocket}, unix.SockFilter{Code: equal, K: unix.SOCK_STREAM, Jf: 1}, allow, refuse(uint32(unix.EPROTONOSUPPORT)))
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
