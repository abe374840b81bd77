package grade

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build compiles the graders of the exercise folder, with sources in place of exercise.go, to binary.
// Nothing is written to the folder. Its error is one line, if the sources do not compile: the first
// that the compiler has to say.
func Build(ctx context.Context, folder string, sources []string, binary string) error {
	replace := make(map[string]string)
	for i, source := range sources {
		name := "exercise.go"
		if i > 0 {
			name = fmt.Sprintf("exercise_%d.go", i)
		}
		path, err := filepath.Abs(source)
		if err != nil {
			return err
		}
		replace[filepath.Join(folder, name)] = path
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	if err := os.WriteFile(binary+".overlay", overlay, 0o666); err != nil {
		return err
	}
	defer os.Remove(binary + ".overlay")

	// Without symbols linking takes half the time, and stack traces lack nothing.
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", binary+".overlay", "-o", binary, ".")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	interruptAsGroup(cmd)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("there is no go on the PATH: install Go, https://go.dev/doc/install")
	case errors.As(err, &exit):
		return &doesNotCompile{firstComplaint(out)}
	}
	return err
}

// doesNotCompile is what the compiler says of a student's file.
type doesNotCompile struct{ complaint string }

func (e *doesNotCompile) Error() string { return "it does not compile: " + e.complaint }

func firstComplaint(out []byte) string {
	for line := range bytes.Lines(out) {
		text := strings.TrimPrefix(strings.TrimSpace(string(line)), "./")
		if text != "" && !strings.HasPrefix(text, "#") {
			return text
		}
	}
	return "go test failed, and said nothing"
}
