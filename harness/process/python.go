package process

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// RunPython runs a Python program with args, and waits until it ends. The program prints a JSON value, which RunPython
// stores in result. If the program is still running at the end of the experiment, RunPython kills it.
func RunPython(x *harness.Experiment, program string, result any, args ...string) error {
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	x.AtEnd(kill)
	printed, err := python(ctx, program, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(printed, result); err != nil {
		return fmt.Errorf("python3 has printed %q: %w", printed, err)
	}
	return nil
}

// python runs a program, ignores the user's Python settings (python3 -I), and returns what the program prints.
func python(ctx context.Context, program string, args ...string) (printed []byte, err error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "python3", append([]string{"-I", "-c", program}, args...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 10 * time.Second // python3 may be a script that leaves another process behind
	if err := system.StartProcess(cmd.Start); err != nil {
		return nil, err
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("python3: %w: %s", err, lastLine(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// lastLine returns the last line: in a Python traceback, that is the exception.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
