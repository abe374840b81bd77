//go:build amd64 || arm64

package refuse

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// OnThisThread makes the kernel refuse the calls from now on, until the goroutine ends: the thread ends with it. The
// kernel does not refuse the calls of other goroutines.
func OnThisThread(calls ...Call) error {
	if len(calls) == 0 {
		return nil
	}
	_, err := install(calls, func(c Call) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(c.Errno) }, 0)
	return err
}

// Notice watches whether this goroutine makes one of the calls from now on. The first call fails with ENOSYS, and so do
// later ones. noticed ends the watch, and reports whether there was a call.
func Notice(calls ...Call) (noticed func() bool, err error) {
	var made atomic.Bool
	end, err := watch(calls, func(int) (goOn bool) {
		made.Store(true)
		return false // nobody listens any more: ENOSYS
	})
	if err != nil {
		return nil, err
	}
	return func() bool {
		end()
		return made.Load()
	}, nil
}

// Interrupt watches this goroutine from now on. Each time that it is about to make one of the calls, Interrupt first calls
// the function meanwhile, and then lets the kernel carry the call out. After end was called, the calls fail with ENOSYS.
func Interrupt(meanwhile func(), calls ...Call) (end func(), err error) {
	return answer(calls, func() syscall.Errno {
		meanwhile()
		return 0
	})
}

// First makes the kernel refuse the first of the calls that this goroutine makes from now on, with the error of calls[0]. The
// kernel carries the later ones out. After end was called, the calls fail with ENOSYS.
func First(calls ...Call) (end func(), err error) {
	errno := calls[0].Errno
	return answer(calls, func() (now syscall.Errno) {
		now, errno = errno, 0
		return now
	})
}

// answer watches this goroutine from now on. Each time that it is about to make one of the calls, result says with which error
// the call fails; 0 lets the kernel carry it out.
func answer(calls []Call, result func() syscall.Errno) (end func(), err error) {
	return watch(calls, func(tells int) (goOn bool) {
		var told notification
		if ioctl(tells, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&told)) != 0 {
			return true // the call is over by now
		}
		answer := response{id: told.id, errno: -int32(result())}
		if answer.errno == 0 {
			const carryOn = 1 << 0 // SECCOMP_USER_NOTIF_FLAG_CONTINUE in linux/seccomp.h, since Linux 5.5
			answer.flags = carryOn
		}
		errno := ioctl(tells, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&answer))
		return errno == 0 || errno == unix.ENOENT // a signal has interrupted the call: the kernel starts it again, and tells it again
	})
}

// notification is struct seccomp_notif in linux/seccomp.h, and response is struct seccomp_notif_resp.
type (
	notification struct {
		id         uint64
		pid, flags uint32
		data       [64]byte
	}
	response struct {
		id    uint64
		value int64
		errno int32
		flags uint32
	}
)

func ioctl(fd int, request uint, argument unsafe.Pointer) syscall.Errno {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(argument))
	return errno
}

// watch lets handle see each of the calls that this goroutine makes from now on, until handle returns false, or end
// is called.
func watch(calls []Call, handle func(tells int) (goOn bool)) (end func(), err error) {
	const newListener = 1 << 3 // SECCOMP_FILTER_FLAG_NEW_LISTENER in linux/seccomp.h
	tells, err := install(calls, func(Call) uint32 { return unix.SECCOMP_RET_USER_NOTIF }, newListener)
	if err != nil {
		return nil, err
	}
	var over atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer unix.Close(tells)
		waiting := []unix.PollFd{{Fd: int32(tells), Events: unix.POLLIN}}
		for goOn := true; goOn && !over.Load(); {
			const pause = 1 // ms
			if n, _ := unix.Poll(waiting, pause); n > 0 && waiting[0].Revents&unix.POLLIN != 0 {
				goOn = handle(tells)
			}
		}
	}()
	return func() {
		over.Store(true)
		<-ended
	}, nil
}

// install puts a filter before the system calls of this thread. The goroutine stays on this thread, so that the thread
// ends with the goroutine, and the runtime starts no other thread from it.
func install(calls []Call, action func(Call) uint32, flags uintptr) (fd int, err error) {
	runtime.LockOSThread()
	program := filter(calls, action)
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, fmt.Errorf("no_new_privs: %w", err)
	}
	of := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	r, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&of)))
	if errno != 0 {
		return -1, fmt.Errorf("seccomp: %w", errno)
	}
	return int(r), nil
}

// filter is a program that looks at the fields of struct seccomp_data: the number of the call, and its arguments.
func filter(calls []Call, action func(Call) uint32) (program []unix.SockFilter) {
	const load, equal, done = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const and = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	const number, arguments, size = 0, 16, 8 // offsets; the lower half of an argument comes first
	const perArg = 3                         // instructions
	for _, c := range calls {
		left := uint8(perArg * len(c.Args)) // instructions to skip if this is another call
		program = append(program,
			unix.SockFilter{Code: load, K: number},
			unix.SockFilter{Code: equal, K: uint32(c.Number), Jf: left + 1})
		for _, a := range c.Args {
			left -= perArg
			check := unix.SockFilter{Code: equal, K: a.Bits, Jf: left + 1}
			if a.Differs {
				check.Jt, check.Jf = check.Jf, check.Jt
			}
			program = append(program,
				unix.SockFilter{Code: load, K: uint32(arguments + size*a.Place)},
				unix.SockFilter{Code: and, K: a.Mask},
				check)
		}
		program = append(program, unix.SockFilter{Code: done, K: action(c)})
	}
	return append(program, unix.SockFilter{Code: done, K: unix.SECCOMP_RET_ALLOW})
}
