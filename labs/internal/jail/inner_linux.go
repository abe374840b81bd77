package jail

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading/report"
)

// runInner builds the jail around this process, starts the program in it, and exits as the program did. Then nothing is left
// of what the program has started: within walls, the kernel kills it all when the first process of the namespace ends.
func (p Plan) runInner(line []string) {
	runtime.LockOSThread() // the program inherits from this thread what it can't do any more
	workingFolder = "/tmp"
	keepStandardStreams()
	file, err := os.Open(line[0])
	if err != nil {
		fail(err)
	}
	end := os.Exit
	if err = p.setLimits(); err == nil && p.Walls {
		err = buildView(file)
	} else if err == nil {
		end = killsChildren()
		err = shutFiles(file)
	}
	for _, step := range []func() error{forgetKeys, giveUpRights, keepOut, refuseCalls} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		fail(err)
	}
	cmd := &exec.Cmd{Path: insidePath, Args: line}
	if !p.Walls {
		cmd.Path = pathOf(file)
	}
	cmd.Env, cmd.Dir = p.environment(), workingFolder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal
	if becomesNobody() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	closeStandardStreams()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil) // also for those whose parents have ended
		switch {
		case err == nil && pid == cmd.Process.Pid && status.Signaled():
			end(ofSignal + int(status.Signal()))
		case err == nil && pid == cmd.Process.Pid && status.ExitStatus() == report.NotStarted:
			end(1) // it was started
		case err == nil && pid == cmd.Process.Pid:
			end(status.ExitStatus())
		case err != nil && err != unix.EINTR:
			end(report.NotStarted)
		}
	}
}
