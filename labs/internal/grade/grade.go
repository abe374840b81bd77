package grade

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/timemachine"
	"socketlabs/labs/internal/toolchain"
)

// Limits are how much one exercise may use.
type Limits struct {
	Time   time.Duration
	Output int // bytes
	Memory int // bytes, if the system can limit it
}

// atOnce is how many exercises are graded at the same time: they wait more than they compute.
const atOnce = 4

// killing is the longest time that it takes to end the processes of an exercise.
const killing = 1 * time.Second

// AtMost is the longest time that it takes to grade n exercises once they are compiled, whatever they do. Those that pass are
// graded twice.
func (l Limits) AtMost(n int) time.Duration {
	return 2 * time.Duration((n+atOnce-1)/atOnce) * (l.Time + killing)
}

// Result is the result of grading an exercise.
type Result struct {
	catalog.Exercise
	report.Report
	Earned int
	Took   time.Duration
	Story  []story.Event // the grader's steps, without the segments
	Output string        // what the student's code has printed

	Undetected string // why nobody has looked for data races, if it has passed
}

// Task is what to grade, and how.
type Task struct {
	Root      string // the module's folder, which has the graders
	Student   string // a folder laid out like the module, with the student's files; often Root
	Exercises []catalog.Exercise
	Limits    Limits
	Graders   *Graders // compiled once for several tasks; nil if there is only this task

	Guest *timemachine.Kernel // the kernel to grade on, in QEMU; nil for this machine

	Compiling func(*gotest.Compiling) // called before the graders are compiled; or nil
	Detecting func(*gotest.Compiling) // called before the race detector is compiled, and with nil when that is over; or nil
	Booting   func()                  // called when the guest begins to boot; or nil
	Started   func(catalog.Exercise)  // called when the process of an exercise starts; or nil
	Stopped   func(catalog.Exercise)  // called when it has ended; or nil
}

// Do grades the exercises, and returns the results in their order. It calls each for every result as soon
// as it has come. If an exercise fails, that is not an error.
func (task Task) Do(ctx context.Context, each func(Result)) ([]Result, error) {
	if err := catalog.CheckGraders(task.Root); err != nil {
		return nil, err
	}
	if err := gotest.Ready(); err != nil {
		return nil, err
	}
	if err := checkDescriptors(); err != nil {
		return nil, err
	}
	scratch, err := newScratch()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	system := runtime.GOOS
	if task.Guest != nil {
		system = "linux"
	}
	tools, err := toolchain.Find(ctx, task.Root, scratch, system)
	if err != nil {
		return nil, err
	}
	if task.Graders == nil {
		task.Graders = NewGraders(task.Root, scratch)
	}

	results := make([]Result, len(task.Exercises))
	var errs []error
	var mu sync.Mutex // guards errs, and calls of each
	finish := func(i int, r Result, err error) {
		r.makePlain()
		if r.Result == report.Passed {
			r.Earned = r.Points
		}
		results[i] = r
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
		if err == nil {
			each(r)
		}
	}
	builds := &builder{task: task, tools: tools, scratch: scratch,
		labs: make(map[string]func() (binaries, error)), raced: make(map[string]func() (string, error))}
	if task.Compiling != nil {
		compiling := gotest.Watch(ctx, task.Root, tools.Fetching(), scratch, task.folders()...)
		defer compiling.Close()
		task.Compiling(compiling)
	}
	if task.Guest != nil {
		errs = append(errs, task.inGuest(ctx, builds, finish))
	} else {
		task.here(ctx, builds, finish)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return results, errors.Join(errs...)
}

// here grades the exercises on this machine, several at the same time, each as soon as its code is compiled. It looks for data races
// in those that pass, where there can be one. That computes much, and could make other exercises late, so it waits until all are
// graded. With a single exercise, there is nothing to wait for.
func (task Task) here(ctx context.Context, builds *builder, finish func(i int, r Result, err error)) {
	var all, first sync.WaitGroup
	first.Add(len(task.Exercises))
	running := make(chan struct{}, atOnce)
	for i, e := range task.Exercises {
		all.Go(func() {
			built, err := builds.build(ctx, e)
			r, over := notRun(e, err)
			if over || err != nil {
				first.Done()
				finish(i, r, errUnless(over, err))
				return
			}
			place := filepath.Join(builds.scratch, fmt.Sprint(i))
			during := func(grades func()) {
				running <- struct{}{}
				defer func() { <-running }()
				if task.Started != nil {
					task.Started(e)
				}
				grades()
				if task.Stopped != nil {
					task.Stopped(e)
				}
			}
			look := func(ctx context.Context) looked { return task.look(ctx, e, builds, built.graders, place+".race") }
			mayRace := MayRace(builds.source(e), e.Name)
			if mayRace && len(task.Exercises) == 1 {
				during(func() { r, err = withLook(ctx, e, built, place, task.Limits, look) })
				finish(i, r, err)
				return
			}
			during(func() { r, err = run(ctx, built, place, e, task.Limits) })
			first.Done()
			if mayRace && err == nil && r.Result == report.Passed {
				first.Wait()
				during(func() { r = r.after(look(ctx)) })
			}
			finish(i, r, err)
		})
	}
	all.Wait()
}

// folders are the folders of the exercises, each once, as arguments of the go command.
func (task Task) folders() (names []string) {
	for _, e := range task.Exercises {
		names = append(names, "./"+e.Folder())
	}
	return slices.Compact(names)
}

// newScratch makes a temporary folder for what is compiled and run. Compilers need its absolute path.
func newScratch() (path string, err error) {
	temporary, err := filepath.Abs(os.TempDir())
	if err != nil {
		return "", err
	}
	return os.MkdirTemp(temporary, "labs-grade-")
}

func errUnless(over bool, err error) error {
	if over {
		return nil
	}
	return err
}

// NotCompiled is the mistake in a file that can't be run.
const NotCompiled = "it does not compile"

// notRun is the result of an exercise if the student's file can't be run. It is not over if err has another cause.
func notRun(e catalog.Exercise, err error) (r Result, over bool) {
	r.Exercise = e
	var not *notTaken
	if !errors.As(err, &not) {
		return r, false
	}
	r.Result = not.result
	if r.Result == report.Failed {
		r.Finding = &report.Finding{
			Mistake:  NotCompiled,
			Expected: "Go that compiles, with the names and types of the starter",
			Seen:     strings.TrimPrefix(strings.ReplaceAll("\n"+not.why, "\nexercise.go:", "\n"+e.File+":"), "\n"),
		}
	} else {
		r.Reason = not.why
	}
	return r, true
}
