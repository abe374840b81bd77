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

// Compiling is the progress of a go command that compiles packages.
type Compiling struct {
	dir       string // the module's folder
	env       []string
	temporary string // where the go command puts compiled packages until it is done
	packages  []string

	began  time.Time
	ask    sync.Once
	end    context.CancelFunc
	ctx    context.Context
	asking sync.WaitGroup
	of     atomic.Int64
}

// Watch watches a go command that runs in dir and compiles tests of these packages. In env, its environment, GOTMPDIR is
// temporary. Call Close before you remove that folder.
func Watch(ctx context.Context, dir string, env []string, temporary string, packages ...string) *Compiling {
	c := &Compiling{dir: dir, env: env, temporary: temporary, packages: packages, began: time.Now()}
	c.ctx, c.end = context.WithCancel(ctx)
	return c
}

// Close stops the count that Progress has started, and waits for its end.
func (c *Compiling) Close() {
	c.ask.Do(func() {})
	c.end()
	c.asking.Wait()
}

// worthwhile is how long a compilation takes before Progress starts to count.
const worthwhile = time.Second

// Progress is how many of the packages are compiled, and how many there are to compile. Both are zero until that is known.
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

// String is the progress in words. It also works before the progress is known, and on nil.
func (c *Compiling) String() string {
	text := "compiling, slow the first time"
	if c != nil {
		if done, of := c.Progress(); of > 0 {
			text += fmt.Sprintf(": %d of %d packages", done, of)
		}
	}
	return text
}

// Detector is the progress of compiling with the race detector, after a text about what is done. It is empty on nil, and until the
// progress is known.
func (c *Compiling) Detector() string {
	if c == nil {
		return ""
	}
	done, of := c.Progress()
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("; compiling the race detector: %d of %d packages", done, of)
}

// count asks the go command how many packages are still to be compiled.
func (c *Compiling) count() {
	before := c.done()
	// A package that is tested is only compiled with its tests (ForTest), so its plain version does not count.
	const each = `{{if and .Stale (or .DepOnly .ForTest (eq .Name "main"))}}+{{end}}`
	list := exec.CommandContext(c.ctx, "go", append([]string{"list", "-deps", "-test", "-f", each}, c.packages...)...)
	list.Dir, list.Env = c.dir, c.env
	if out, err := list.Output(); err == nil {
		c.of.Store(int64(before + bytes.Count(out, []byte("+"))))
	}
}

// done is how many packages the compilers have written.
func (c *Compiling) done() int {
	files, _ := filepath.Glob(filepath.Join(c.temporary, "go-build*", "b*", "_pkg_.a"))
	return len(files)
}
