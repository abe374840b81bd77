package gotest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Compiling tells how far the go command is with the packages that it has to compile.
type Compiling struct {
	dir       string // the module's
	env       []string
	temporary string // where the go command puts what it has compiled, until it is done
	packages  []string

	began  time.Time
	ask    sync.Once
	end    context.CancelFunc
	ctx    context.Context
	asking sync.WaitGroup
	of     atomic.Int64
}

// Watch watches a go command that runs in dir, compiles tests of these packages, and has an environment in which
// GOTMPDIR is temporary. Close it before that is removed.
func Watch(ctx context.Context, dir string, env []string, temporary string, packages ...string) *Compiling {
	c := &Compiling{dir: dir, env: env, temporary: temporary, packages: packages, began: time.Now()}
	c.ctx, c.end = context.WithCancel(ctx)
	return c
}

// Close ends what Progress has begun.
func (c *Compiling) Close() {
	c.ask.Do(func() {})
	c.end()
	c.asking.Wait()
}

// worthwhile is how long it may take before it is worth asking how far it is.
const worthwhile = time.Second

// Progress is how many packages are compiled of those that had to be. Both are zero as long as that is not known.
func (c *Compiling) Progress() (done, of int) {
	if time.Since(c.began) < worthwhile {
		return 0, 0
	}
	c.ask.Do(func() { c.asking.Go(c.count) })
	if of = int(c.of.Load()); of == 0 {
		return 0, 0
	}
	return min(c.done(), of), of
}

// String says how far the go command is, even where nothing is known of that yet.
func (c *Compiling) String() string {
	text := "compiling, slow the first time"
	if c != nil {
		if done, of := c.Progress(); of > 0 {
			text += fmt.Sprintf(": %d of %d packages", done, of)
		}
	}
	return text
}

// count asks the go command what is still to be compiled.
func (c *Compiling) count() {
	before := c.done()
	const each = `{{if and .Stale (or .DepOnly .ForTest (eq .Name "main"))}}+{{end}}` // not a package of which only the tests are
	list := exec.CommandContext(c.ctx, "go", append([]string{"list", "-deps", "-test", "-f", each}, c.packages...)...)
	list.Dir, list.Env = c.dir, c.env
	if out, err := list.Output(); err == nil {
		c.of.Store(int64(before + bytes.Count(out, []byte("+"))))
	}
}

// done counts what the compilers have written.
func (c *Compiling) done() int {
	files, _ := filepath.Glob(filepath.Join(c.temporary, "go-build*", "b*", "_pkg_.a"))
	return len(files)
}
