package grading

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"socketlabs/harness/grading/report"
)

// handedOn are the variables of the environment that the student's process is given.
var handedOn = []string{"PATH", "HOME", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "LABS_IP", "GORACE", "GOCOVERDIR"}

// student is the process that has the student's code.
type student struct {
	cmd     *exec.Cmd
	channel *channel
	kept    table // what the grader keeps for it
	said    printed
	stdin   *os.File // the grader's end of it

	ended chan struct{} // closed when the process is over
}

// way is the direction of messages.
type way int

const (
	toStudent way = iota
	fromStudent
)

// startStudent starts the process. An error is the machine's fault.
func startStudent() (*student, error) {
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
	s := &student{ended: make(chan struct{}), stdin: calls}
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
	s.said.exceeded = s.kill
	if err := s.cmd.Start(); err != nil {
		calls.Close()
		answers.Close()
		return nil, err
	}
	s.channel = newChannel(calls, s.carryOut)
	go func() {
		s.channel.serve(answers)
		answers.Close()
	}()
	go func() {
		s.cmd.Wait() // what it returns, the state says too
		close(s.ended)
	}()
	return s, nil
}

// carryOut does what the student's process calls, in the grader's.
func (s *student) carryOut(name string, body json.RawMessage) (result any, f *fault) {
	defer func() {
		if _, over := recover().(gone); over {
			result = nil // what it called is nothing that is there
		}
	}()
	switch name {
	case callConn:
		return s.kept.carryOut(body), nil
	case callBack:
		called := decode[callingBack](body)
		if f, ok := s.kept.get(called.Number).(func(json.RawMessage) any); ok {
			return f(called.Body), nil
		}
	}
	return nil, nil
}

func (s *student) kill() { killGroup(s.cmd) }

// end ends the process and what it has started.
func (s *student) end() {
	s.stdin.Close() // it ends on its own
	select {
	case <-s.ended:
	case <-time.After(time.Second):
	}
	s.kill()
	<-s.ended
}

// The student's prints: so much of the beginning is shown, and so much of the end is kept for the cause of a death.
const (
	shown       = 32 << 10
	kept        = 64 << 10
	mostPrinted = 1 << 20
)

// printed is what the student's process prints.
type printed struct {
	exceeded func()

	mu    sync.Mutex
	n     int
	start []byte
	last  []byte
}

func (p *printed) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n += len(text)
	p.start = append(p.start, text[:min(len(text), shown-len(p.start))]...)
	p.last = append(p.last, text...)
	p.last = p.last[max(0, len(p.last)-kept):]
	if p.n > mostPrinted {
		p.exceeded()
	}
	return len(text), nil
}

// beginning is what is shown of it: not what Go prints of a panic, which the finding says.
func (p *printed) beginning() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := string(p.start)
	if trace := dying.FindStringIndex(text); trace != nil {
		return text[:trace[0]]
	}
	if p.n > len(p.start) {
		text += fmt.Sprintf("\n… %d bytes in all", p.n)
	}
	return text
}

// all is what is known of it: the beginning, and the end.
func (p *printed) all() (text string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n <= len(p.last) {
		return string(p.last), p.n
	}
	return string(p.start) + string(p.last), p.n
}
