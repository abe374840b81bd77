package timemachine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"socketlabs/labs/internal/gotest"
)

// converter turns the output of a test binary into events, by "go tool test2json".
type converter struct {
	io.WriteCloser
	cmd  *exec.Cmd
	done chan error
}

// convert starts to convert the output of a package's tests. It calls each for every event.
func convert(ctx context.Context, of string, each func(gotest.Event)) (*converter, error) {
	c := &converter{cmd: exec.CommandContext(ctx, "go", "tool", "test2json", "-t", "-p", of), done: make(chan error, 1)}
	events, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.WriteCloser, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("go tool test2json: %w", err)
	}
	go func() {
		lines := json.NewDecoder(events)
		for {
			var e gotest.Event
			err := lines.Decode(&e)
			if errors.Is(err, io.EOF) {
				c.done <- nil
				return
			}
			if err != nil {
				c.done <- fmt.Errorf("go tool test2json: %w", err)
				return
			}
			each(e)
		}
	}()
	return c, nil
}

// end waits until everything is converted.
func (c *converter) end() error {
	return errors.Join(c.Close(), <-c.done, c.cmd.Wait())
}
