//go:build !linux

package jail

import (
	"context"
	"os"
	"os/exec"
	"runtime"
)

// Missing says what a jail lacks here.
func Missing(context.Context) string { return runtime.GOOS + " has no namespaces" }

// keep runs the program with an environment of its own. There is nothing else here to shut it in with.
func (p Plan) keep(program []string) {
	cmd := exec.Command(program[0], program[1:]...)
	cmd.Env, cmd.Dir = p.environment(), workingFolder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	cmd.Wait() // what it returns, the state says too
	os.Exit(cmd.ProcessState.ExitCode())
}

func (p Plan) guard([]string) {}
