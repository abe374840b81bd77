package gotest

import (
	"context"
	"os/exec"
)

// Build runs a go command that compiles, in dir. When ctx ends, the go command and its compilers are interrupted and waited
// for. What they leave then is in temporary, which the caller removes. The error says in one line why it has failed.
func Build(ctx context.Context, dir, temporary string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, append(env, "GOTMPDIR="+temporary), patience
	interruptAsGroup(cmd)
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return NotCompiled(err, out)
	}
	return nil
}
