// Package toolchain runs the go command on students' code: in an environment of its own, with settings that only the person who
// grades decides, and within limits.
package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/processgroup"
)

// Toolchain compiles for a module.
type Toolchain struct {
	command  string
	settings []string // of the person who grades
	scratch  string
	system   string   // the system that will run the binaries, a GOOS
	compiler []string // settings for C
	racing   []string // settings for the race detector; nil without it
}

// Find asks the go command in the module's folder for its settings. Compilers will write to scratch, an absolute path, and
// compile for system, a GOOS.
func Find(ctx context.Context, root, scratch, system string) (*Toolchain, error) {
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"env", "-json"}, asked, ofC)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS="+flags, "GOOS="+system, "GOARCH="+runtime.GOARCH) // cgo depends on these two
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, gotest.NotCompiled(err, complaints.Bytes())
	}
	var values map[string]string
	if err := json.Unmarshal(out, &values); err != nil {
		return nil, fmt.Errorf("go env did not print JSON: %w", err)
	}
	t := &Toolchain{command: filepath.Join(values["GOROOT"], "bin", "go"), scratch: scratch, system: system}
	for _, name := range asked {
		t.settings = append(t.settings, name+"="+values[name])
	}
	for _, name := range ofC {
		t.compiler = append(t.compiler, name+"="+values[name])
	}
	return t, nil
}

// Racing is a toolchain that compiles programs with the race detector.
func (t *Toolchain) Racing() *Toolchain {
	racing := *t
	racing.racing = append([]string{"GOFLAGS=" + flags + " -race"}, t.compiler...)
	return &racing
}

// Limits of a build. Linking needs a quarter of the memory, and a test binary is a tenth of the largest file.
const (
	mostTime   = 1 * time.Minute
	mostMemory = 1 << 30   // bytes, of each process
	mostBytes  = 128 << 20 // of each file
)

// Fetch builds the project's own code in a folder. It may download modules. If the code does not compile, the result is the
// compiler's complaint. An error means that nothing could be built.
func (t *Toolchain) Fetch(ctx context.Context, folder string, args ...string) (complaint []byte, err error) {
	return run(exec.CommandContext(ctx, t.command, args...), folder, t.Fetching())
}

// Warm builds the project's own code for the builds that follow, in their environment, but without limits.
func (t *Toolchain) Warm(ctx context.Context, folder string, args ...string) (complaint []byte, err error) {
	return run(exec.CommandContext(ctx, t.command, args...), folder, t.environment())
}

// ErrSlow means that a build took too long, and was ended.
var ErrSlow = fmt.Errorf("compiling takes more than %s", mostTime)

// Build builds a student's code in a folder. It does the same as Fetch, but within limits.
func (t *Toolchain) Build(ctx context.Context, folder string, args ...string) (complaint []byte, err error) {
	within, cancel := context.WithTimeout(ctx, mostTime)
	defer cancel()
	complaint, err = run(processgroup.Limited(within, mostMemory, mostBytes, t.command, args...), folder, t.environment())
	if within.Err() != nil && ctx.Err() == nil {
		return nil, ErrSlow
	}
	return complaint, err
}

func run(cmd *exec.Cmd, folder string, env []string) (complaint []byte, err error) {
	var said beginning
	cmd.Dir, cmd.Env, cmd.WaitDelay = folder, env, time.Second
	cmd.Stdout, cmd.Stderr = &said, &said
	err = processgroup.Run(cmd)
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return append(said, exit.Error()...), nil
	}
	return nil, err
}

// beginning keeps the beginning of what is written to it.
type beginning []byte

func (b *beginning) Write(text []byte) (int, error) {
	const enough = 64 << 10
	*b = append(*b, text[:min(len(text), enough-len(*b))]...)
	return len(text), nil
}
