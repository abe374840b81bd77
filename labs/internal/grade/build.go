package grade

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
)

// builder compiles the graders and the student's code of each lab once.
type builder struct {
	task    Task
	scratch string

	mu   sync.Mutex
	labs map[string]func() (binaries, error)
}

// binaries are one test package, compiled twice: the graders have the project's own starter in place of the student's
// file, and nothing of what the student wrote.
type binaries struct{ graders, student string }

// errNotHandedIn says that the student's folder does not have the file.
var errNotHandedIn = errors.New("not handed in")

func (b *builder) build(ctx context.Context, e catalog.Exercise) (binaries, error) {
	b.mu.Lock()
	build := b.labs[e.Lab]
	if build == nil {
		build = sync.OnceValues(func() (binaries, error) { return b.buildLab(ctx, e) })
		b.labs[e.Lab] = build
	}
	b.mu.Unlock()
	return build()
}

func (b *builder) buildLab(ctx context.Context, e catalog.Exercise) (built binaries, err error) {
	source := filepath.Join(b.task.Student, filepath.FromSlash(e.File))
	// No link to another file, such as the model solution.
	if is, err := os.Lstat(source); err != nil || !is.Mode().IsRegular() {
		return built, errNotHandedIn
	}
	folder := filepath.Join(b.task.Root, filepath.FromSlash(e.Folder()))
	strangers, err := catalog.Strangers(b.task.Root, e.Folder())
	if err != nil {
		return built, err
	}
	starter, err := b.starter(e.Lab)
	if err != nil {
		return built, err
	}
	built = binaries{graders: b.binary(e.Lab + ".graders"), student: b.binary(e.Lab + ".student")}
	if err := Build(ctx, folder, []string{source}, strangers, built.student); err != nil {
		return built, err
	}
	return built, Build(ctx, folder, []string{starter}, strangers, built.graders)
}

func (b *builder) binary(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(b.scratch, name)
}

// starter is a file with the project's own exercise.go of a lab.
func (b *builder) starter(lab string) (path string, err error) {
	text, err := catalog.Starter(lab)
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.scratch, lab+".starter.go")
	return path, os.WriteFile(path, text, 0o666)
}

// Build compiles the graders of an exercise's folder to binary, with sources in place of exercise.go and
// without some other files. Nothing is written to the folder. The error is of the type doesNotCompile if that is the
// sources' fault, and not the machine's.
func Build(ctx context.Context, folder string, sources, without []string, binary string) error {
	replace := make(map[string]string)
	for _, name := range without {
		replace[filepath.Join(folder, name)] = "" // as if it were not there
	}
	for i, source := range sources {
		name := "exercise.go"
		if i > 0 {
			name = fmt.Sprintf("exercise_%d.go", i)
		}
		path, err := filepath.Abs(source)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := catalog.CheckText(name, text); err != nil {
			return &doesNotCompile{err.Error()}
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
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", binary + ".overlay", "-o", binary, "."}
	out, err := compile(ctx, folder, filepath.Dir(binary), args...)
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		return err
	}
	if isFull := bytes.Contains(out, []byte(syscall.ENOSPC.Error())); isFull {
		return gotest.NotCompiled(err, out)
	}
	// What all graders need compiles wherever anything does.
	if out, err := compile(ctx, folder, filepath.Dir(binary), "build", "socketlabs/harness/grading"); err != nil {
		return gotest.NotCompiled(err, out)
	}
	return &doesNotCompile{firstComplaint(out)}
}

// compile runs the go command in a folder.
func compile(ctx context.Context, folder, temporary string, args ...string) (out []byte, err error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = folder, environment(temporary)
	asGroup(cmd)
	out, err = cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return out, err
}

// environment is that of compilers. Without cgo it is the same for all who grade, with a C compiler or without.
func environment(temporary string) []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOTMPDIR="+temporary)
}

// doesNotCompile is what the compiler says of a student's file.
type doesNotCompile struct{ complaint string }

func (e *doesNotCompile) Error() string { return "it does not compile: " + e.complaint }

// students are lines about the student's file, wherever that is.
var students = regexp.MustCompile(`^(?:.*[/\\])?(exercise\.go:\d.*)`)

// firstComplaint prefers what is said of the student's own file: where that is no text, go complains first of another
// file of the package.
func firstComplaint(out []byte) string {
	first := ""
	for line := range bytes.Lines(out) {
		text := gotest.Complaint(string(line))
		if own := students.FindStringSubmatch(text); own != nil {
			return own[1]
		}
		first = cmp.Or(first, text)
	}
	return cmp.Or(first, "the compiler failed, and said nothing")
}
