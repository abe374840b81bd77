package jail

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading/report"
)

// runInner builds the jail around this process, starts the program in it, and exits as the program did. Then nothing is left
// of what the program has started: within walls, the kernel kills it all when the first process of the namespace ends.
func (p Plan) runInner(line []string) {
	workingFolder = "/tmp"
	keepStandardStreams()
	file, err := os.Open(line[0])
	if err != nil {
		fail(err)
	}
	end := os.Exit
	if !p.Walls {
		end = killsChildren()
	}
	var cmd *exec.Cmd
	onThreadOfItsOwn(func() { cmd, err = p.start(file, line) })
	if err != nil {
		fail(err)
	}
	closeStandardStreams()
	file.Close()
	if err := letIn(); err != nil {
		fail(err)
	}
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

// start starts the program. It inherits from this thread what it can't do any more.
func (p Plan) start(file *os.File, line []string) (*exec.Cmd, error) {
	shut := shutFiles
	if p.Walls {
		shut = buildView
	}
	for _, step := range []func() error{p.setLimits, keepOut, func() error { return shut(file) }, forgetKeys, giveUpRights, refuseCalls} {
		if err := step(); err != nil {
			return nil, err
		}
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
	return cmd, cmd.Start()
}

// onThreadOfItsOwn calls f on a thread, and returns when that has ended: Landlock lets a program look into a thread that is shut in
// as it is itself, and so into the whole process.
func onThreadOfItsOwn(f func()) {
	over := make(chan int)
	go func() {
		runtime.LockOSThread() // for good: then the thread ends, but not the first one of a process
		if unix.Gettid() == unix.Getpid() {
			onThreadOfItsOwn(f) // on another one, while this one waits
			over <- 0
			return
		}
		f()
		over <- unix.Gettid()
	}()
	for thread := <-over; unix.Tgkill(unix.Getpid(), thread, 0) == nil; {
		time.Sleep(time.Millisecond / 10)
	}
}
