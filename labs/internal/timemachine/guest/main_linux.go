// Command guest is the init program of the time machine's guest. It prepares the system, runs test binaries,
// sends their output and artifacts to the host, and turns the machine off.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"

	"socketlabs/labs/internal/jail"
)

func main() {
	jail.Enter() // if this process is a jail of students' code, it does not return
	if os.Getpid() != 1 {
		if err := work(); err != nil {
			complain(err)
			os.Exit(1)
		}
		return
	}
	if err := start(); err != nil {
		complain(err)
	}
	unix.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// complain prints an error to the console: the host looks there if it gets no messages.
func complain(err error) { fmt.Fprintln(os.Stderr, "guest:", err) }

// start prepares the system, starts this program again to do the work, and waits until it is done. This is the
// init process, so it inherits orphans, and waits for them, too.
func start() error {
	if err := prepare(); err != nil {
		return err
	}
	self := exec.Command("/proc/self/exe")
	self.Stdout, self.Stderr = os.Stdout, os.Stderr
	if err := self.Start(); err != nil {
		return err
	}
	for {
		ended, err := unix.Wait4(-1, nil, 0, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || ended == self.Process.Pid {
			return err
		}
	}
}
