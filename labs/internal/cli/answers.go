package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
)

// ErrLeft means that the person does not want to go on.
var ErrLeft = errors.New("left")

// Answers are the lines of standard input, from a person at a terminal or from a pipe.
type Answers struct {
	AreTyped bool
	to       string // the name of what asks
	lines    <-chan string
	any      bool // at least one line has come
}

// NewAnswers reads lines from in. The parameter to names what asks for them, for an error.
func NewAnswers(in *os.File, to string) *Answers {
	lines := make(chan string)
	go func() { // reading a line can't be interrupted, but waiting for this goroutine can
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			lines <- strings.TrimSpace(scanner.Text())
		}
	}()
	return &Answers{AreTyped: term.IsTerminal(in.Fd()), to: to, lines: lines}
}

// Next is the next line. After the last one, its error is ErrLeft.
func (a *Answers) Next(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case line, more := <-a.lines:
		if more {
			a.any = true
			return line, nil
		}
	}
	if !a.AreTyped && !a.any {
		return "", fmt.Errorf("%s waits for answers on standard input, and there are none: use a terminal, or a pipe", a.to)
	}
	return "", ErrLeft
}
