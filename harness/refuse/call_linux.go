package refuse

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Call is a system call whose arguments match Args. Arguments that are not in Args may be anything.
type Call struct {
	Number int
	Args   []Arg
	Errno  syscall.Errno
}

// Arg says which value an argument must have. Tests send it to the student's process as JSON.
type Arg struct {
	Place      int
	Mask, Bits uint32 // the lower half of the argument, under Mask, must equal Bits,
	Differs    bool   // or must differ from Bits
}

// Is matches an argument with this value.
func Is(place, value int) Arg { return Arg{place, ^uint32(0), uint32(value), false} }

// IsNot matches an argument with any other value.
func IsNot(place, value int) Arg { return Arg{place, ^uint32(0), uint32(value), true} }

// HasAny matches an argument that has at least one of these bits set.
func HasAny(place, bits int) Arg { return Arg{place, uint32(bits), 0, true} }

// Socket is socket(2) for a domain: AF_INET, AF_INET6, AF_NETLINK.
func Socket(domain int, errno syscall.Errno) Call {
	return Call{unix.SYS_SOCKET, []Arg{Is(0, domain)}, errno}
}

// Setsockopt is setsockopt(2) with one option.
func Setsockopt(level, option int, errno syscall.Errno) Call {
	return Call{unix.SYS_SETSOCKOPT, []Arg{Is(1, level), Is(2, option)}, errno}
}

// AnySetsockopt is setsockopt(2) with any option.
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
	return Call{unix.SYS_FCNTL, []Arg{Is(1, unix.F_SETFD), Is(2, unix.FD_CLOEXEC)}, errno}
}
