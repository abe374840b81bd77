package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"

	"socketlabs/harness/wire"
)

// A block of a page that begins with a go test command has the output of that command: figures that the source can't tell.
var output = regexp.MustCompile("(?s)(```\n\\$ )(go test [^\n]*)\n(.*?)(```\n)")

// outputs is the page with the current output of its commands.
func (p *project) outputs(ctx context.Context, page string) (string, error) {
	var errs []error
	page = output.ReplaceAllStringFunc(page, func(block string) string {
		found := output.FindStringSubmatch(block)
		prompt, command, end := found[1], found[2], found[4]
		printed, err := p.printed(ctx, command)
		errs = append(errs, err)
		return prompt + command + "\n" + printed + end
	})
	return page, errors.Join(errs...)
}

// printed is what a command prints. It fails if this machine lacks something that the command needs.
func (p *project) printed(ctx context.Context, command string) (string, error) {
	words := strings.Fields(command)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = p.root
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, out)
	}
	for _, without := range []string{"--- SKIP", wire.NoSegments} {
		if strings.Contains(string(out), without) {
			return "", errLacking{fmt.Sprintf("%s:\n%s", command, out)}
		}
	}
	remarks := regexp.MustCompile(`(?m)^harness: .*\n`) // about what this machine lacks
	return remarks.ReplaceAllString(string(out), ""), nil
}
