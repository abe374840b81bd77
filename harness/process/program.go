package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"socketlabs/harness/internal/system"
)

// Program is a test's server that runs in a separate process: the test binary, started again. Signals kill or
// stop a process, not a goroutine.
type Program struct {
	name    string
	main    func(*Self) error
	inherit syscall.Conn
}

// programs holds the programs of this test binary, by name.
var programs = map[string]*Program{}

// programVar is the environment variable that tells a process which program it runs.
const programVar = "LABS_PROGRAM"

// Inherited is the descriptor of the socket that a program inherits: the first one after standard
// input, output and error.
const Inherited = 3

// NewProgram declares a program. Assign it to a package variable, beside the tests that start it:
// the new process looks it up by its name. The process ends when main returns. The test gets main's
// error, in which errors.Is still finds the errno.
func NewProgram(name string, main func(*Self) error) *Program {
	if programs[name] != nil {
		panic("process: two programs are called " + name)
	}
	programs[name] = &Program{name: name, main: main}
	return programs[name]
}

// Inheriting returns the same program, but its process has socket open as descriptor Inherited.
func (p *Program) Inheriting(socket syscall.Conn) *Program {
	return &Program{name: p.name, main: p.main, inherit: socket}
}

// Self is what a program knows about its process.
type Self struct {
	Args  []string // the arguments of Start
	ctx   context.Context
	ready bool
}

// Context ends when SIGTERM asks the process to end.
func (s *Self) Context() context.Context { return s.ctx }

// Ready tells the test that this process serves at address. Every program calls Ready once.
func (s *Self) Ready(address net.Addr) {
	s.ready = true
	tellTest(report{Address: address.String()})
}

// report is a line that a process writes to its standard output, for the test.
type report struct {
	Address string        `json:"address,omitempty"`
	Failure string        `json:"failure,omitempty"`
	Errno   syscall.Errno `json:"errno,omitempty"`
}

func tellTest(r report) {
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		os.Exit(1) // the test has ended
	}
}

// err returns the error that the program ended with.
func (r report) err() error {
	if r.Failure == "" {
		return nil
	}
	return &programError{r.Failure, r.Errno}
}

// programError is an error that came from another process.
type programError struct {
	text  string
	errno syscall.Errno
}

func (e *programError) Error() string { return e.text }

func (e *programError) Unwrap() error {
	if e.errno == 0 {
		return nil
	}
	return e.errno
}

func init() { system.RunProgram = runProgram }

// runProgram returns at once if the environment names no program. Otherwise it runs that program, and does not
// return. This process then runs no tests: it parses no flags, and enters no new namespace.
func runProgram() {
	name := os.Getenv(programVar)
	if name == "" {
		return
	}
	program, found := programs[name]
	if !found {
		fmt.Fprintf(os.Stderr, "process: %s=%s: this binary has no such program\n", programVar, name)
		os.Exit(2)
	}
	go func() {
		io.Copy(io.Discard, os.Stdin) // returns when the test ends, which has the other end open
		os.Exit(1)
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	self := &Self{Args: os.Args[1:], ctx: ctx}
	err := program.main(self)
	if err == nil && !self.ready {
		err = errors.New("the program has returned before it was ready")
	}
	var last report
	if err != nil {
		last.Failure = err.Error()
		errors.As(err, &last.Errno)
	}
	tellTest(last)
	os.Exit(0)
}
