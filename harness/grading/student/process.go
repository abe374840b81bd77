package student

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"socketlabs/harness/grading/report"
)

// handedOn are the variables of the environment that the student's process is given.
var handedOn = []string{"PATH", "HOME", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "LABS_IP", "GORACE", "GOCOVERDIR"}

// roleVar makes a process of the test binary the student's.
const roleVar = "LABS_STUDENT"

// Process is the student's process, as the grader's process sees it.
type Process struct {
	*Channel
	cmd   *exec.Cmd
	said  printed
	stdin *os.File // the grader's end of it

	ended chan struct{} // closed when the process is over
}

// way is a direction of messages.
type way int

const (
	toStudent way = iota
	fromStudent
)

// Start starts the process, whose calls handle carries out. An error is the machine's fault.
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
	for _, name := range handedOn {
		if value, isSet := os.LookupEnv(name); isSet {
			s.cmd.Env = append(s.cmd.Env, name+"="+value)
		}
	}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = stdin, stdout, &s.said
	s.cmd.WaitDelay = time.Second / 2 // for what it has started, and left
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
		s.cmd.Wait() // its error is in the state, too
		close(s.ended)
	}()
	return s, nil
}

// Pid is the number of the process.
func (s *Process) Pid() int { return s.cmd.Process.Pid }

// Ended is closed when the process is over.
func (s *Process) Ended() <-chan struct{} { return s.ended }

// State is how the process has ended.
func (s *Process) State() *os.ProcessState { return s.cmd.ProcessState }

// Kill kills the process and what it has started.
func (s *Process) Kill() { killGroup(s.cmd) }

// End ends the process and what it has started.
func (s *Process) End() {
	s.stdin.Close() // it ends on its own
	select {
	case <-s.ended:
	case <-time.After(time.Second):
	}
	s.Kill()
	<-s.ended
}

// ConnectToGrader takes the standard input and output of the student's process for the channel. What the student's code
// prints goes to standard error. In another process there is no channel.
func ConnectToGrader(handle func(name string, body json.RawMessage) (result any, fault *Fault)) (*Channel, *os.File) {
	if os.Getenv(roleVar) == "" {
		return nil, nil
	}
	in, out := polled(os.Stdin), os.Stdout
	os.Stdout = os.Stderr
	os.Stdin, _ = os.Open(os.DevNull)
	return newChannel(out, handle), in
}
