package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// A block of a page that begins with a go command holds what that command prints.
var output = regexp.MustCompile("(?s)(```\n\\$ )(go (?:test|run) [^\n]*)\n(.*?)(```\n)")

// commands runs the commands of pages.
type commands struct {
	ctx        context.Context
	root       string
	benchmarks bool // too
	ran        int  // so far
}

// outputs is the page with what its commands print now. What a benchmark prints is figures and nothing else.
func (c *commands) outputs(page string) (string, error) {
	var errs []error
	page = output.ReplaceAllStringFunc(page, func(block string) string {
		found := output.FindStringSubmatch(block)
		prompt, command, end := found[1], found[2], found[4]
		if strings.Contains(command, "-bench") && !c.benchmarks {
			return block
		}
		printed, err := c.run(command)
		errs = append(errs, err)
		return prompt + command + "\n" + printed + end
	})
	return page, errors.Join(errs...)
}

// run gives what a command prints on a machine that has all that it needs.
func (c *commands) run(command string) (string, error) {
	words := strings.Fields(command)
	cmd := exec.CommandContext(c.ctx, words[0], words[1:]...)
	cmd.Dir = c.root
	c.ran++
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, out)
	}
	for _, without := range []string{"--- SKIP", "harness: no wire"} {
		if strings.Contains(string(out), without) {
			return "", errLacking{fmt.Sprintf("%s:\n%s", command, out)}
		}
	}
	remarks := regexp.MustCompile(`(?m)^harness: .*\n`) // on what this machine does not have
	return remarks.ReplaceAllString(string(out), ""), nil
}
