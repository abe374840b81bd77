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

// runInner builds the jail around this process, starts the program in it, and exits as the program did. Then no process is
// left that the program has started: within walls, the kernel kills them all when the first process of the namespace ends.
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
		pid, err := unix.Wait4(-1, &status, 0, nil) // also for orphans, which this process inherits
		switch {
		case err == nil && pid == cmd.Process.Pid && status.Signaled():
			end(ofSignal + int(status.Signal()))
		case err == nil && pid == cmd.Process.Pid && (status.ExitStatus() == report.NotStarted || status.ExitStatus() > ofSignal):
			end(1) // NotStarted would say that the program could not be started, and the others that a signal has killed it, or stop the jail
		case err == nil && pid == cmd.Process.Pid:
			end(status.ExitStatus())
		case err != nil && err != unix.EINTR:
			end(report.NotStarted)
		}
	}
}

// start starts the program. The program inherits the restrictions of this thread.
func (p Plan) start(file *os.File, line []string) (*exec.Cmd, error) {
	shut := shutFiles
	if p.Walls {
		shut = buildView
	}
	for _, step := range []func() error{p.setLimits, keepOut, func() error { return shut(file) }, forgetKeys, giveUpRights, p.refuseCalls} {
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
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: p.Walls} // without a terminal; without walls, it stays in the inner process's session
	if becomesNobody() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd, cmd.Start()
}

// onThreadOfItsOwn calls f on a new thread, and returns when that thread has ended. It must not live on: Landlock lets a
// program look into a thread that has the same restrictions, and so into that thread's whole process.
func onThreadOfItsOwn(f func()) {
	over := make(chan int)
	go func() {
		runtime.LockOSThread() // without unlock, so that the thread ends with the goroutine, unless it is the first of the process
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
