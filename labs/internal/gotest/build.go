package gotest

import (
	"context"
	"os/exec"
)

// Build runs a go command that compiles, in dir. When ctx ends, Build interrupts the go command and its compilers, and waits
// for them. They may leave files in temporary, which the caller removes. The error says in one line why the command failed.
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
