package student

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"socketlabs/harness/grading/report"
)

// passedOn lists the environment variables that the student's process gets.
var passedOn = []string{"PATH", "HOME", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "LABS_IP", "GORACE", "GOCOVERDIR"}

// roleVar is set in the student's process: by it, the test binary knows its role.
const roleVar = "LABS_STUDENT"

// Process is the student's process, as the grader's process sees it.
type Process struct {
	*Channel
	cmd   *exec.Cmd
	said  printed
	stdin *os.File // the grader's end

	ended chan struct{} // closed when the process is over
}

// way is the direction of messages.
type way int

const (
	toStudent way = iota
	fromStudent
)

// Start starts the student's process. handle carries out the calls from it. An error is the machine's fault, not the student's.
func Start(handle func(name string, body json.RawMessage) (result any, fault *Fault)) (*Process, error) {
	line := []string{}
	if text := os.Getenv(report.CommandVar); text != "" {
		if err := json.Unmarshal([]byte(text), &line); err != nil || len(line) == 0 {
			return nil, fmt.Errorf("%s=%s is not a command line: %w", report.CommandVar, text, err)
		}
	} else {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		line = []string{self}
	}
	stdin, calls, err := pair(toStudent)
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	stdout, answers, err := pair(fromStudent)
	if err != nil {
		calls.Close()
		return nil, err
	}
	defer stdout.Close()
	s := &Process{ended: make(chan struct{}), stdin: calls}
	s.cmd = exec.Command(line[0], line[1:]...)
	s.cmd.Env = append(s.cmd.Env, roleVar+"=1")
	for _, name := range passedOn {
		if value, isSet := os.LookupEnv(name); isSet {
			s.cmd.Env = append(s.cmd.Env, name+"="+value)
		}
	}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = stdin, stdout, &s.said
	s.cmd.WaitDelay = time.Second / 2 // the process may have left others behind, which hold its output open
	asGroup(s.cmd)
	s.said.exceeded = s.Kill
	if err := s.cmd.Start(); err != nil {
		calls.Close()
		answers.Close()
		return nil, err
	}
	s.Channel = newChannel(calls, handle)
	go func() {
		s.Serve(answers)
		answers.Close()
	}()
	go func() {
		s.cmd.Wait() // State has the result, too
		close(s.ended)
	}()
	return s, nil
}

// Pid returns the process ID.
func (s *Process) Pid() int { return s.cmd.Process.Pid }

// Ended returns a channel that is closed when the process has ended.
func (s *Process) Ended() <-chan struct{} { return s.ended }

// State says how the process has ended.
func (s *Process) State() *os.ProcessState { return s.cmd.ProcessState }

// Kill kills the process, and the processes that it has started.
func (s *Process) Kill() { killGroup(s.cmd) }

// End ends the process, and the processes that it has started.
func (s *Process) End() {
	s.stdin.Close() // the process then exits on its own
	select {
	case <-s.ended:
	case <-time.After(time.Second):
	}
	s.Kill()
	<-s.ended
}

// ConnectToGrader uses the standard input and output of the student's process for the channel. What the student's code
// prints goes to standard error. In any other process, ConnectToGrader returns nil.
func ConnectToGrader(handle func(name string, body json.RawMessage) (result any, fault *Fault)) (*Channel, *os.File) {
	if os.Getenv(roleVar) == "" {
		return nil, nil
	}
	in, out := polled(os.Stdin), os.Stdout
	os.Stdout = os.Stderr
	os.Stdin, _ = os.Open(os.DevNull)
	return newChannel(out, handle), in
}
