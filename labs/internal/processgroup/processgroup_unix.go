//go:build unix

// Package processgroup runs a command, and ends it together with the processes that it has started.
package processgroup

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
)

// Limited is a command with limits for each of its processes: bytes of memory, and bytes of a file that it writes. A shell sets
// the limits and then executes the command, because Go can't set them between fork and exec. "ulimit" counts data in KiB, and
// the size of a file in blocks of 512 bytes: getrlimit(2). If the machine runs out of memory, Linux ends the command before other
// programs of this user: proc_pid_oom_score_adj(5).
func Limited(ctx context.Context, memory, file int, command string, args ...string) *exec.Cmd {
	script := fmt.Sprintf(`{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null; ulimit -d %d; ulimit -f %d; exec "$0" "$@"`, memory>>10, file/512)
	return exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", script, command}, args...)...)
}

// Run runs a command that was made with a context. The command and the processes that it starts are a process group of their
// own. Run kills the group when the context ends, and what is left of it when the command has ended. On Linux, the kernel also
// kills the command if this process ends.
func Run(cmd *exec.Cmd) error {
	// To the kernel, the parent is the thread that starts the command, so that thread must live on.
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
