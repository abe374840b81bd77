package grade

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/toolchain"
)

// Graders are the graders of a project, compiled with its own starters in place of students' files. Those of a lab are
// compiled once, however many students are graded.
type Graders struct {
	root   string
	folder string

	mu   sync.Mutex
	labs map[string]func() (binary string, err error)
}

// NewGraders are the graders of the module at root. They will be compiled to files in the folder.
func NewGraders(root, folder string) *Graders {
	return &Graders{root: root, folder: folder, labs: make(map[string]func() (string, error))}
}

func (g *Graders) build(ctx context.Context, tools *toolchain.Toolchain, e catalog.Exercise) (binary string, err error) {
	g.mu.Lock()
	build := g.labs[e.Lab]
	if build == nil {
		build = sync.OnceValues(func() (string, error) { return g.buildLab(ctx, tools, e) })
		g.labs[e.Lab] = build
	}
	g.mu.Unlock()
	return build()
}

func (g *Graders) buildLab(ctx context.Context, tools *toolchain.Toolchain, e catalog.Exercise) (binary string, err error) {
	starter, err := writeStarter(g.folder, e.Lab)
	if err != nil {
		return "", err
	}
	strangers, err := catalog.Strangers(g.root, e.Folder())
	if err != nil {
		return "", err
	}
	binary = program(g.folder, e.Lab+".graders")
	return binary, fault(compile(ctx, tools.Fetch, filepath.Join(g.root, filepath.FromSlash(e.Folder())), []string{starter}, strangers, binary))
}

// writeStarter writes the project's own exercise.go of a lab to a folder.
func writeStarter(folder, lab string) (path string, err error) {
	text, err := catalog.Starter(lab)
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, lab+".starter.go")
	return path, os.WriteFile(path, text, 0o666)
}

// program is the path of an executable file: on Windows, its name ends in .exe.
func program(folder, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(folder, name)
}
