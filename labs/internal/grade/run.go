package grade

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
)

// The ends that we prepare for the process of an exercise.
var (
	errTime   = errors.New("out of time")
	errOutput = errors.New("too much output")
)

// run grades one exercise, in a process that has the folder place to itself.
func run(ctx context.Context, binary, place string, e catalog.Exercise, limits Limits) (Result, error) {
	r := Result{Exercise: e}
	if err := os.Mkdir(place, 0o777); err != nil {
		return r, err
	}
	// Where the kernel kills a process with its parent, the parent is the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	within, end := context.WithCancelCause(ctx)
	defer end(nil)
	timer := time.AfterFunc(limits.Time, func() { end(errTime) })
	defer timer.Stop()

	said := &output{limit: limits.Output, exceeded: func() { end(errOutput) }}
	path := filepath.Join(place, "report.json")
	cmd := limited(within, limits, binary, "-test.run=^"+e.Grader()+"$", "-test.v", "-test.count=1", "-test.timeout=0")
	cmd.Dir = place
	cmd.Env = append(os.Environ(), report.Var+"="+path, "TMPDIR="+place, "LABS_STORY=data")
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = said, said, killing/2
	asGroup(cmd)
	begun := time.Now()
	err := cmd.Start()
	if err == nil {
		err = cmd.Wait()
		killLeft(cmd.Process.Pid, place)
	}
	r.Took = time.Since(begun)
	var exit *exec.ExitError
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && within.Err() == nil {
		return r, fmt.Errorf("%s: %w", e.Name, err)
	}
	r.tell(said.String())
	if left, notLeft := report.Read(path); notLeft == nil && within.Err() == nil && (err == nil || left.Result != report.Passed) {
		r.Report = *left
	}
	if err := canWrite(place); r.Result == "" && err != nil {
		return r, fmt.Errorf("%s can't be graded: %w", e.Name, err)
	}
	if r.Result == "" || r.Result == report.Failed && r.Finding == nil {
		r.Result = report.Failed
		r.Step = r.lastStep()
		r.Finding = r.causeOfDeath(context.Cause(within), limits)
	}
	return r, nil
}

// canWrite tries whether there is room for a report.
func canWrite(place string) error {
	file := filepath.Join(place, "room")
	return errors.Join(os.WriteFile(file, make([]byte, 64<<10), 0o666), os.Remove(file))
}

// output is what a process prints, up to a limit.
type output struct {
	limit    int
	exceeded func()

	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	room := max(0, o.limit-o.text.Len())
	o.text.Write(text[:min(len(text), room)])
	if len(text) > room {
		o.exceeded()
	}
	return len(text), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// frame begins the lines by which a test binary says what it does itself.
var frame = regexp.MustCompile(`^(=== |--- |\s+--- |PASS$|FAIL$|harness: )`)

// attribute is a line by which a test binary hands on an attribute of a test: its key and its value.
var attribute = regexp.MustCompile(`^=== ATTR  \S+ (\S+) (.*)$`)

// tell takes what was printed apart: the grader's story, and the rest.
func (r *Result) tell(printed string) {
	var told story.Decoder
	var rest strings.Builder
	for line := range strings.Lines(printed) {
		text := strings.TrimSuffix(line, "\n")
		if part := attribute.FindStringSubmatch(text); part != nil {
			event, done, err := told.Attribute(part[1], part[2])
			if done && err == nil && event.Lane != story.Wire {
				r.Story = append(r.Story, event)
			}
		} else if !frame.MatchString(text) {
			rest.WriteString(line)
		}
	}
	r.Output = rest.String()
}

func (r *Result) lastStep() string {
	step := "the start"
	for _, event := range r.Story {
		if event.Lane == story.Story {
			step = event.Text
		}
	}
	return step
}

var (
	panicking  = regexp.MustCompile(`(?m)^(?:panic|fatal error): (.*)$`)
	studentsAt = regexp.MustCompile(`exercise\.go:\d+`)
)

// causeOfDeath is the finding on a process that did not live to report.
func (r *Result) causeOfDeath(ended error, limits Limits) *report.Finding {
	f := &report.Finding{Expected: "the grader comes to its end"}
	panicked := panicking.FindStringSubmatch(r.Output)
	switch {
	case errors.Is(ended, errTime):
		f.Mistake = "it does not come to an end"
		f.Expected = fmt.Sprintf("all is over within %s", story.Duration(limits.Time))
		f.Seen = "it was still running, and was killed"
	case errors.Is(ended, errOutput):
		f.Mistake = "it prints without end"
		f.Expected = fmt.Sprintf("at most %d KiB", limits.Output>>10)
		f.Seen = "more, and it was killed"
	case strings.Contains(r.Output, "out of memory") || strings.Contains(r.Output, "cannot allocate memory"):
		f.Mistake = "it takes too much memory"
		f.Expected = fmt.Sprintf("at most %d MiB", limits.Memory>>20)
		f.Seen = "more was asked for"
	case panicked != nil && !strings.Contains(panicked[1], "os.Exit"):
		f.Mistake = "your code panics"
		f.Seen = panicked[1]
		if at := studentsAt.FindString(r.Output); at != "" {
			f.Seen += ", at " + at
		}
	case strings.Contains(r.Output, "Error Trace:"):
		f.Mistake = "the grader can't go on after what your code has done"
		f.Seen = strings.Join(strings.Fields(r.Output), " ")
	default:
		f.Mistake = "your code ends the process"
		f.Expected = "it returns; os.Exit and log.Fatal end the grader, too"
		f.Seen = "the process has ended before the grader was done"
	}
	return f
}
