package student

import (
	"fmt"
	"regexp"
	"sync"
)

// How many bytes of the beginning of the student's output are shown, and how many of its end are kept, to find out why
// the process died.
const (
	shown = 32 << 10
	kept  = 64 << 10
)

// MostPrinted is how much the student's process may print. If it prints more, it is killed.
const MostPrinted = 1 << 20

// dying matches the line with which Go, or its race detector, begins to say why a process dies.
var dying = regexp.MustCompile(`(?m)^(?:panic: |fatal error: |runtime: goroutine stack exceeds |={18}\nWARNING: DATA RACE$)`)

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
	if p.n > MostPrinted {
		p.exceeded()
	}
	return len(text), nil
}

// Shown returns the beginning of what the process has printed, for people. It leaves out what Go prints about a panic or a
// data race: the finding has that.
func (s *Process) Shown() string {
	p := &s.said
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

// Printed returns the beginning and the end of what the process has printed, and the length of the whole output.
func (s *Process) Printed() (text string, n int) {
	p := &s.said
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n <= len(p.last) {
		return string(p.last), p.n
	}
	return string(p.start) + string(p.last), p.n
}
