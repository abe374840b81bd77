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

// Program is a server of a test's own that runs as a process of its own: the test binary, started
// again. Only a process can be killed, or stopped, as a whole.
type Program struct {
	name    string
	main    func(*Self) error
	inherit syscall.Conn
}

// programs are those of this test binary, by name.
var programs = map[string]*Program{}

// programVar names the program that a process is to be, in its environment.
const programVar = "LABS_PROGRAM"

// Inherited is the descriptor, in the process, of the socket that a program inherits: the first
// after standard input, output and error.
const Inherited = 3

// NewProgram declares a program. It belongs in a variable of the package, beside the tests that
// start it, because the process finds it by its name. The process ends when main returns; the error
// goes to the test, and there errors.Is still finds the number of the kernel's error in it.
func NewProgram(name string, main func(*Self) error) *Program {
	if programs[name] != nil {
		panic("process: two programs are called " + name)
	}
	programs[name] = &Program{name: name, main: main}
	return programs[name]
}

// Inheriting is the same program, whose process has socket open as descriptor Inherited.
func (p *Program) Inheriting(socket syscall.Conn) *Program {
	return &Program{name: p.name, main: p.main, inherit: socket}
}

// Self is what a program knows of the process that it runs in.
type Self struct {
	Args  []string // as Start was given them
	ctx   context.Context
	ready bool
}

// Context ends when the process is asked to end: by SIGTERM.
func (s *Self) Context() context.Context { return s.ctx }

// Ready tells the test that this process serves at address. Every program says so once.
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

// err is the error that the program ended with.
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

// runProgram makes this process the program that the environment names, if it names one. It then
// does not return, and the process is no test: it takes no flags, and no new namespace.
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
		io.Copy(io.Discard, os.Stdin) // ends with the test, which holds the other end
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
