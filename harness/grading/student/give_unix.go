//go:build unix

package student

import (
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Give passes a descriptor from the student's process to the grader: unix(7), SCM_RIGHTS. fromGrader is the file from
// which the student's process reads the grader's messages.
//
// Linux limits how many descriptors of a user may be on their way at the same time. If another process of this user has used them up,
// Give says where the descriptor is instead: see [Left].
func Give(fromGrader *os.File, fd int) error {
	err := send(fromGrader, []byte{0}, unix.UnixRights(fd))
	if errors.Is(err, unix.ETOOMANYREFS) && runtime.GOOS == "linux" {
		where := binary.BigEndian.AppendUint32([]byte{0}, uint32(os.Getpid()))
		err = send(fromGrader, binary.BigEndian.AppendUint32(where, uint32(fd)), nil)
	}
	return err
}

func send(fromGrader *os.File, text, rights []byte) error {
	raw, err := fromGrader.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = raw.Write(func(channel uintptr) bool {
		sent = unix.Sendmsg(int(channel), text, rights, nil, 0)
		return sent != unix.EAGAIN
	})
	return errors.Join(err, sent)
}

// Left is the error for a descriptor that could not be passed. The grader can get it from the process that has it.
type Left struct{ Pid, FD int } // as that process knows them

func (*Left) Error() string { return "the descriptor is still in the student's process" }

// mostSaid is how many bytes come with a descriptor, or in its place.
const mostSaid = 9

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
	rights, text := make([]byte, unix.CmsgSpace(4)), make([]byte, mostSaid)
	said, n, _, _, err := unix.Recvmsg(channel, text, rights, 0)
	if err != nil {
		return nil, err
	}
	if said == mostSaid && n == 0 {
		return nil, &Left{int(binary.BigEndian.Uint32(text[1:])), int(binary.BigEndian.Uint32(text[5:]))}
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
