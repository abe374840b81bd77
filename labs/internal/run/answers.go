package run

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
)

// errLeft says that the person does not want to go on.
var errLeft = errors.New("left")

// answers are the lines that come in, from a person at a terminal or from a pipe.
type answers struct {
	areTyped bool
	lines    <-chan string
	any      bool // has come
}

func newAnswers(in *os.File) *answers {
	lines := make(chan string)
	go func() { // waiting for a line can't be interrupted, but whoever waits for this can be
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			lines <- strings.TrimSpace(scanner.Text())
		}
	}()
	return &answers{areTyped: term.IsTerminal(in.Fd()), lines: lines}
}

// next is the next line. Its error is errLeft at the end of all.
func (a *answers) next(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case line, more := <-a.lines:
		if more {
			a.any = true
			return line, nil
		}
	}
	if !a.areTyped && !a.any {
		return "", errors.New("--predict waits for answers on standard input, and there are none: use a terminal, or a pipe")
	}
	return "", errLeft
}
