package grade

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/toolchain"
)

// ForDetector is the environment variable with the settings of Go's race detector, for the student's process: the first race ends
// it at once.
const ForDetector = "GORACE=halt_on_error=1 atexit_sleep_ms=0"

// detectorTakes is how many times as much memory a process takes with the detector.
const detectorTakes = 4

// looked is what came of a look for data races.
type looked struct {
	found      *Result // nil if there is no race
	undetected string  // why nobody has looked
}

// look grades an exercise with the race detector in the student's process. The detector makes code slow and large, so only a data
// race counts.
func (task Task) look(ctx context.Context, e catalog.Exercise, builds *builder, graders, place string) looked {
	student, err := builds.race(ctx, e)
	if not := new(notTaken); errors.As(err, &not) {
		return looked{found: &Result{Exercise: e, Report: report.Report{Result: report.Failed, Finding: &report.Finding{
			Sentence: "no-race",
			Mistake:  "it compiles, but not with the race detector",
			Expected: "code that the detector can look at",
			Seen:     not.why,
		}}}}
	}
	if err != nil {
		return looked{undetected: err.Error()}
	}
	limits := task.Limits
	limits.Memory *= detectorTakes
	r, err := run(ctx, binaries{graders, student}, place, e, limits)
	if err == nil && r.Finding != nil && r.Finding.Sentence == "no-race" {
		return looked{found: &r}
	}
	return looked{}
}

// after is the result of an exercise that has passed, after a look for data races.
func (r Result) after(l looked) Result {
	if l.found != nil {
		l.found.Took = max(l.found.Took, r.Took)
		return *l.found
	}
	r.Undetected = l.undetected
	return r
}

// withLook grades an exercise, and looks for data races at the same time. If the exercise does not pass, it ends the look.
func withLook(ctx context.Context, e catalog.Exercise, built binaries, place string, limits Limits, look func(context.Context) looked) (Result, error) {
	looking, enough := context.WithCancel(ctx)
	defer enough()
	var done sync.WaitGroup
	var l looked
	done.Go(func() { l = look(looking) })
	defer done.Wait()
	r, err := run(ctx, built, place, e, limits)
	if err != nil || r.Result != report.Passed {
		enough()
		return r, err
	}
	done.Wait()
	return r.after(l), nil
}

// race is the student's code of a lab, compiled once with the race detector. An error says why there is none.
func (b *builder) race(ctx context.Context, e catalog.Exercise) (student string, err error) {
	b.mu.Lock()
	build := b.raced[e.Lab]
	if build == nil {
		build = sync.OnceValues(func() (string, error) { return b.raceLab(ctx, e) })
		b.raced[e.Lab] = build
	}
	b.mu.Unlock()
	return build()
}

func (b *builder) raceLab(ctx context.Context, e catalog.Exercise) (student string, err error) {
	compilers <- struct{}{}
	defer func() { <-compilers }()
	tools := b.tools.Racing()
	if err := b.task.Graders.warm(ctx, tools, e, b.task.Detecting); err != nil {
		return "", fmt.Errorf("%w (most systems need a C compiler for it)", err)
	}
	folder := filepath.Join(b.task.Root, filepath.FromSlash(e.Folder()))
	strangers, err := catalog.Strangers(b.task.Root, e.Folder())
	if err != nil {
		return "", err
	}
	student = program(b.scratch, e.Lab+".race")
	complaint, err := compile(ctx, tools.Build, folder, []string{b.source(e)}, strangers, student)
	if complaint != nil || errors.Is(err, toolchain.ErrSlow) {
		err = b.blame(ctx, tools.Build, e, strangers, student, err)
	}
	if err != nil {
		return "", err
	}
	return student, os.Chmod(student, 0o755)
}

// warm compiles with the race detector what all students of a lab share, once. That takes a minute the first time on a machine,
// and must not count as a student's. If it fails, there is no race detector here.
func (g *Graders) warm(ctx context.Context, tools *toolchain.Toolchain, e catalog.Exercise, told func(*gotest.Compiling)) error {
	g.warming.Lock() // two at a time would compile much twice
	defer g.warming.Unlock()
	err, known := g.warmed[e.Lab]
	if !known {
		if told != nil {
			compiling := gotest.Watch(ctx, g.root, tools.Fetching(), g.folder, "./"+e.Folder())
			defer compiling.Close()
			told(compiling)
			defer told(nil)
		}
		err = g.warmLab(ctx, tools, e)
		if ctx.Err() == nil {
			g.warmed[e.Lab] = err
		}
	}
	return err
}

func (g *Graders) warmLab(ctx context.Context, tools *toolchain.Toolchain, e catalog.Exercise) error {
	folder, starter, strangers, err := g.own(e)
	if err != nil {
		return err
	}
	return fault(with(ctx, tools.Warm, folder, []string{starter}, strangers, starter+".overlay", "list", "-export", "-deps", "-test", "."))
}
