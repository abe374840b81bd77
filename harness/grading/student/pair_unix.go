//go:build unix

package student

import (
	"errors"
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
	defer f.Close() // only now: package os opens a descriptor for its poller, which must not get the number of the standard input
	return os.NewFile(uintptr(fd), f.Name())
}

// asGroup puts a command, and the processes that it starts, into a process group of their own.
func asGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Give passes a descriptor from the student's process to the grader: unix(7), SCM_RIGHTS. fromGrader is the file from
// which the student's process reads the grader's messages.
func Give(fromGrader *os.File, fd int) error {
	raw, err := fromGrader.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = raw.Write(func(channel uintptr) bool {
		sent = unix.Sendmsg(int(channel), []byte{0}, unix.UnixRights(fd), nil, 0)
		return sent != unix.EAGAIN
	})
	return errors.Join(err, sent)
}

// errNothingGiven says that the student's process has passed something other than a descriptor, or nothing.
var errNothingGiven = errors.New("no descriptor was handed over")

// Take returns the descriptor that the student's process has given, as a file.
func (s *Process) Take() (*os.File, error) {
	raw, err := s.stdin.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fds []int
	var received error
	err = raw.Read(func(channel uintptr) bool {
		fds, received = receiveDescriptors(int(channel))
		return received != unix.EAGAIN
	})
	if err = errors.Join(err, received); err != nil {
		return nil, err
	}
	if len(fds) != 1 {
		for _, fd := range fds { // there is room for two
			unix.Close(fd)
		}
		return nil, errNothingGiven
	}
	return os.NewFile(uintptr(fds[0]), "the student's descriptor"), nil
}

// receiveDescriptors returns the descriptors that a message carries.
func receiveDescriptors(channel int) (fds []int, err error) {
	syscall.ForkLock.RLock() // a process that starts meanwhile would inherit them
	defer syscall.ForkLock.RUnlock()
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(channel, make([]byte, 1), rights, 0)
	if err != nil {
		return nil, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return nil, errNothingGiven
	}
	fds, err = unix.ParseUnixRights(&messages[0])
	for _, fd := range fds {
		unix.CloseOnExec(fd)
	}
	return fds, err
}
