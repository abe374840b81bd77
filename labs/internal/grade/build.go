package grade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/toolchain"
)

// builder compiles the graders and the student's code of each lab once.
type builder struct {
	task    Task
	tools   *toolchain.Toolchain
	scratch string

	mu    sync.Mutex
	labs  map[string]func() (binaries, error)
	raced map[string]func() (student string, undetected error)
}

// binaries are one test package, compiled twice. The graders are compiled with the project's own starter in place of the
// student's file, so they contain nothing that the student wrote.
type binaries struct{ graders, student string }

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

// compilers limits how many compilers run at the same time: one on each core. Each takes some 200 MiB, and more of them would
// not be faster.
var compilers = make(chan struct{}, runtime.GOMAXPROCS(0))

// buildLab compiles the graders first. That downloads missing modules, and shows that the student's code could compile here.
func (b *builder) buildLab(ctx context.Context, e catalog.Exercise) (built binaries, err error) {
	compilers <- struct{}{}
	defer func() { <-compilers }()
	text, err := handedIn(b.task.Student, e.File)
	if err != nil {
		return built, err
	}
	source := b.source(e)
	if err := errors.Join(os.Mkdir(filepath.Dir(source), 0o777), os.WriteFile(source, text, 0o666)); err != nil {
		return built, err
	}
	if built.graders, err = b.task.Graders.build(ctx, b.tools, e); err != nil {
		return built, err
	}
	folder := filepath.Join(b.task.Root, filepath.FromSlash(e.Folder()))
	strangers, err := catalog.Strangers(b.task.Root, e.Folder())
	if err != nil {
		return built, err
	}
	built.student = program(b.scratch, e.Lab+".student")
	complaint, err := compile(ctx, b.tools.Build, folder, []string{source}, strangers, built.student)
	if complaint != nil || errors.Is(err, toolchain.ErrSlow) {
		err = b.blame(ctx, b.tools.Build, e, strangers, built.student, err)
	}
	if err != nil {
		return built, err
	}
	return built, os.Chmod(built.student, 0o755) // another user runs it in the jail
}

// source is the path of a copy of the student's file, with its name in the compiler's errors.
func (b *builder) source(e catalog.Exercise) string {
	return filepath.Join(b.scratch, e.Lab, "exercise.go")
}

// blame finds out whose fault it is that a student's file does not compile, or compiles slowly. It compiles the project's own
// starter in the same way: if that fails, too, the machine is at fault. If not, it compiles the student's file once more,
// unless that was slow, because the machine may have lacked something for a moment, such as memory.
func (b *builder) blame(ctx context.Context, by method, e catalog.Exercise, strangers []string, binary string, slow error) error {
	folder := filepath.Join(b.task.Root, filepath.FromSlash(e.Folder()))
	starter, err := writeStarter(b.scratch, e.Lab)
	if err != nil {
		return err
	}
	control := binary + ".control"
	defer os.Remove(control)
	if err := fault(compile(ctx, by, folder, []string{starter}, strangers, control)); err != nil {
		return err
	}
	if slow != nil {
		return &notTaken{report.Failed, slow.Error()}
	}
	complaint, err := compile(ctx, by, folder, []string{b.source(e)}, strangers, binary)
	if complaint != nil {
		return &notTaken{report.Failed, complaints(complaint)}
	}
	return err
}

// fault is the error if a build fails that must not fail.
func fault(complaint []byte, err error) error {
	if complaint != nil {
		return gotest.NotCompiled(errors.New("it fails, and says nothing"), complaint)
	}
	return err
}

// Build compiles the graders of an exercise's folder to binary, with sources in place of exercise.go, and
// without the files without. It may compile with the race detector. It writes nothing to the folder.
func Build(ctx context.Context, folder string, sources, without []string, binary string, race bool) error {
	tools, err := toolchain.Find(ctx, folder, filepath.Dir(binary), runtime.GOOS)
	if err != nil {
		return err
	}
	if race {
		tools = tools.Racing()
	}
	return fault(compile(ctx, tools.Fetch, folder, sources, without, binary))
}

// compile compiles as Build does, by a method of Toolchain. If the code does not compile, the result is the compiler's
// complaint. An error means that nothing could be compiled.
func compile(ctx context.Context, by method, folder string, sources, without []string, binary string) (complaint []byte, err error) {
	// Without symbols, linking takes half the time, and stack traces are still complete.
	return with(ctx, by, folder, sources, without, binary+".overlay", "test", "-c", "-vet=off", "-ldflags=-s -w", "-o", binary, ".")
}

// method is a method of Toolchain.
type method func(ctx context.Context, folder string, args ...string) (complaint []byte, err error)

// with runs the go command in a folder, with sources in place of exercise.go, and without the files without. It needs the name of
// a file of its own.
func with(ctx context.Context, by method, folder string, sources, without []string, file, verb string, args ...string) (
	complaint []byte, err error) {
	replace := make(map[string]string)
	for _, name := range without {
		replace[filepath.Join(folder, name)] = "" // an overlay without a path removes the file
	}
	for i, source := range sources {
		name := "exercise.go"
		if i > 0 {
			name = fmt.Sprintf("exercise_%d.go", i)
		}
		path, err := filepath.Abs(source)
		if err != nil {
			return nil, err
		}
		replace[filepath.Join(folder, name)] = path
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, overlay, 0o666); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	return by(ctx, folder, append([]string{verb, "-overlay", file}, args...)...)
}
