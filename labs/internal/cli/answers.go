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

// ErrLeft says that the person does not want to go on.
var ErrLeft = errors.New("left")

// Answers are the lines that come in, from a person at a terminal or from a pipe.
type Answers struct {
	AreTyped bool
	to       string // what waits for them
	lines    <-chan string
	any      bool // has come
}

// NewAnswers reads them for what is named.
func NewAnswers(in *os.File, to string) *Answers {
	lines := make(chan string)
	go func() { // waiting for a line can't be interrupted, but whoever waits for this can be
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			lines <- strings.TrimSpace(scanner.Text())
		}
	}()
	return &Answers{AreTyped: term.IsTerminal(in.Fd()), to: to, lines: lines}
}

// Next is the next line. Its error is ErrLeft at the end of all.
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
