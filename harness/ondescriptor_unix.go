//go:build unix

package harness

import "syscall"

// onDescriptor makes a system call on a connection's descriptor.
func onDescriptor(conn syscall.Conn, call func(fd int) error) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = call(int(fd)) }); err != nil {
		return err
	}
	return failed
}
