//go:build unix

package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
	"socketlabs/harness/internal/system"
	"socketlabs/harness/story"
)

func signalsMissing() string { return system.SelfMissing() }

// Process is a running program. The experiment kills it at its end. If the test binary itself is
// killed, the process dies, too.
type Process struct {
	Address string // where it serves

	x       *harness.Experiment
	name    string
	pid     int
	reports *json.Decoder // decodes what the process writes to its standard output

	mu     sync.Mutex
	status unix.WaitStatus // the last that wait4(2) returned
	ended  bool
	change *sync.Cond // when status or ended changes
}

// Start starts program with args, in the network namespace of the test, and waits until it
// says that it is ready. If the program ends before that, Start returns the program's error.
func Start(x *harness.Experiment, program *Program, args ...string) (*Process, error) {
	x.T().Helper()
	p := &Process{x: x, name: program.name}
	p.change = sync.NewCond(&p.mu)
	stdin, life, err := os.Pipe()
	require.NoError(x.T(), err)
	x.Own(life)
	said, stdout, err := os.Pipe()
	require.NoError(x.T(), err)
	x.Own(said)
	p.reports = json.NewDecoder(said)

	standard := []syscall.Conn{stdin, stdout, os.Stderr}
	if program.inherit != nil {
		standard = append(standard, program.inherit)
	}
	err = system.StartProcess(func() error { return p.start(args, standard) })
	stdin.Close()
	stdout.Close() // otherwise reading from said would not end with the process
	require.NoError(x.T(), err)
	x.AtEnd(p.Kill)
	return p, p.becomeReady()
}

func (p *Process) becomeReady() error {
	var first report
	if err := p.reports.Decode(&first); err != nil {
		return p.deathWithoutReport(err)
	}
	if first.Address == "" {
		return p.returned(first)
	}
	p.Address = first.Address
	p.note("serves at %s", p.Address)
	return nil
}

// start starts the process in a goroutine that keeps its thread until the process has ended. On Linux the
// kernel kills the process with its parent, and the parent is the thread that started it.
func (p *Process) start(args []string, files []syscall.Conn) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	started := make(chan error, 1)
	p.x.Go(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		// Not os.StartProcess: that would make the sockets blocking, in this process too.
		err := onDescriptors(files, nil, func(descriptors []uintptr) (err error) {
			p.pid, err = syscall.ForkExec(self, append([]string{os.Args[0]}, args...), &syscall.ProcAttr{
				Env:   append(os.Environ(), programVar+"="+p.name),
				Files: descriptors,
				Sys:   attributes(),
			})
			return err
		})
		started <- err
		if err == nil {
			p.watch()
		}
	})
	return <-started
}

// onDescriptors makes a call with the descriptors of all conns.
func onDescriptors(conns []syscall.Conn, before []uintptr, call func([]uintptr) error) error {
	if len(conns) == 0 {
		return call(before)
	}
	return socket.OnDescriptor(conns[0], func(fd int) error {
		return onDescriptors(conns[1:], append(before, uintptr(fd)), call)
	})
}

// watch notes each change of the process's status, until the process has ended.
func (p *Process) watch() {
	for ended := false; !ended; {
		var status unix.WaitStatus
		_, err := unix.Wait4(p.pid, &status, unix.WUNTRACED|unix.WCONTINUED, nil)
		if err == unix.EINTR {
			continue
		}
		ended = err != nil || status.Exited() || status.Signaled()
		p.mu.Lock()
		p.status, p.ended = status, ended
		p.mu.Unlock()
		p.change.Broadcast()
	}
}

// waitFor waits until the process is in the given state, or has ended.
func (p *Process) waitFor(state func() bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !state() && !p.ended {
		p.change.Wait()
	}
}

func (p *Process) signal(s unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended { // the kernel may give the ID of a process that has ended to another one
		unix.Kill(p.pid, s)
	}
}

// Kill ends the process with SIGKILL, like a crash, and waits until it has ended: the kernel has then
// closed its sockets.
func (p *Process) Kill() {
	p.signal(unix.SIGKILL)
	p.waitFor(func() bool { return p.ended })
	if !p.x.IsOver() {
		p.x.Struck(story.KilledProcess)
		p.note("is killed")
	}
}

// Stop stops the process with SIGSTOP, and waits until it has stopped. The kernel goes on serving its connections.
func (p *Process) Stop() {
	p.signal(unix.SIGSTOP)
	p.waitFor(func() bool { return p.status.Stopped() })
	p.x.Struck(story.HungProcess)
	p.note("is stopped")
}

// Continue lets a stopped process go on, with SIGCONT.
func (p *Process) Continue() {
	p.signal(unix.SIGCONT)
	p.waitFor(func() bool { return p.status.Continued() })
	p.note("continues")
}

// Terminate asks the process to end, with SIGTERM. The signal ends the program's Context.
func (p *Process) Terminate() {
	p.signal(unix.SIGTERM)
	p.note("is asked to end")
}

// Wait waits until the program has returned, and returns its error.
func (p *Process) Wait() error {
	var last report
	if err := p.reports.Decode(&last); err != nil {
		return p.deathWithoutReport(err)
	}
	return p.returned(last)
}

func (p *Process) returned(last report) error {
	p.waitFor(func() bool { return p.ended })
	p.note("ends: %s", story.ErrorText(last.err()))
	if p.status.ExitStatus() != 0 { // the race detector has found something
		return p.deathWithoutReport(io.EOF)
	}
	return last.err()
}

// deathWithoutReport returns the error of a process that was killed, or that panicked.
func (p *Process) deathWithoutReport(err error) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	p.waitFor(func() bool { return p.ended })
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.status.Signaled() {
		return fmt.Errorf("%s was ended by a signal: %v", p.name, p.status.Signal())
	}
	return fmt.Errorf("%s ended with status %d", p.name, p.status.ExitStatus())
}

func (p *Process) note(format string, args ...any) {
	p.x.Note(story.Event{Lane: story.Server, Kind: story.Outcome, Text: fmt.Sprintf("process %d, %s, ", p.pid, p.name) + fmt.Sprintf(format, args...)})
}
