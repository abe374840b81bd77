package refuse

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Call is a system call, with these arguments or with any.
type Call struct {
	Number int
	Args   map[int]int // by their place; others may be anything
	Errno  syscall.Errno
}

// Socket is socket(2) for a domain: AF_INET, AF_INET6, AF_NETLINK.
func Socket(domain int, errno syscall.Errno) Call {
	return Call{unix.SYS_SOCKET, map[int]int{0: domain}, errno}
}

// Setsockopt is setsockopt(2) of one option.
func Setsockopt(level, option int, errno syscall.Errno) Call {
	return Call{unix.SYS_SETSOCKOPT, map[int]int{1: level, 2: option}, errno}
}

// AnySetsockopt is setsockopt(2) of every option.
func AnySetsockopt(errno syscall.Errno) Call { return Call{unix.SYS_SETSOCKOPT, nil, errno} }

// Bind is bind(2).
func Bind(errno syscall.Errno) Call { return Call{unix.SYS_BIND, nil, errno} }

// Accept is accept4(2), which Go calls.
func Accept(errno syscall.Errno) Call { return Call{unix.SYS_ACCEPT4, nil, errno} }

// Listen is listen(2).
func Listen(errno syscall.Errno) Call { return Call{unix.SYS_LISTEN, nil, errno} }

// Close is close(2).
func Close(errno syscall.Errno) Call { return Call{unix.SYS_CLOSE, nil, errno} }

// CloseOnExec is fcntl(2) that sets FD_CLOEXEC.
func CloseOnExec(errno syscall.Errno) Call {
	return Call{unix.SYS_FCNTL, map[int]int{1: unix.F_SETFD, 2: unix.FD_CLOEXEC}, errno}
}
