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

	warming sync.Mutex
	warmed  map[string]error // by lab: see warm
}

// NewGraders are the graders of the module at root. They will be compiled to files in the folder.
func NewGraders(root, folder string) *Graders {
	return &Graders{root: root, folder: folder, labs: make(map[string]func() (string, error)), warmed: make(map[string]error)}
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
	folder, starter, strangers, err := g.own(e)
	if err != nil {
		return "", err
	}
	binary = program(g.folder, e.Lab+".graders")
	return binary, fault(compile(ctx, tools.Fetch, folder, []string{starter}, strangers, binary))
}

// own is what the graders of a lab are compiled from: their folder, the project's starter, and files there that are not the project's.
func (g *Graders) own(e catalog.Exercise) (folder, starter string, strangers []string, err error) {
	if starter, err = writeStarter(g.folder, e.Lab); err != nil {
		return "", "", nil, err
	}
	strangers, err = catalog.Strangers(g.root, e.Folder())
	return filepath.Join(g.root, filepath.FromSlash(e.Folder())), starter, strangers, err
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
