//go:build unix

// Package processgroup runs a command together with what it starts, and ends all of that.
package processgroup

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
)

// Limited is a command with limits for each of its processes, in bytes: of its memory, and of a file that it writes. The
// shell sets the limits before it becomes the command: Go has no way to do it between fork and exec. "ulimit" counts KiB of data, and
// blocks of 512 bytes of a file: getrlimit(2).
func Limited(ctx context.Context, memory, file int, command string, args ...string) *exec.Cmd {
	script := fmt.Sprintf(`ulimit -d %d; ulimit -f %d; exec "$0" "$@"`, memory>>10, file/512)
	return exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", script, command}, args...)...)
}

// Run runs a command that is made with a context. The command and what it starts are a process group of their own. That is
// killed when the context ends, and what is left of it when the command has ended. Where the kernel knows how, the command is
// killed with this process, too.
func Run(cmd *exec.Cmd) error {
	// The kernel kills it with its parent, and the parent is the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = endingWithParent()
	cmd.SysProcAttr.Setpgid = true
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = kill
	if err := cmd.Start(); err != nil {
		return err
	}
	defer kill()
	return cmd.Wait()
}
