package grade

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/processgroup"
	"socketlabs/labs/internal/sanitize"
)

// Why we ended the process of an exercise.
var (
	errTime   = errors.New("out of time")
	errOutput = errors.New("too much output")
	errMemory = errors.New("too much memory")
)

// mostOfGrader is how many bytes of memory a grader may use: ten times what it needs with correct code. It may have to keep
// what the student's code sends.
const mostOfGrader = 1 << 30

var memoryIsOut = regexp.MustCompile(`(?m)^fatal error: .*(?:out of memory|cannot allocate memory)`)

// cantExecute is the exit status of a shell that finds a program, but can't execute it.
const cantExecute = 126

// run grades one exercise: it starts the graders, and they start a process with the student's code. The folder place is for
// these two alone.
func run(ctx context.Context, built binaries, place string, e catalog.Exercise, limits Limits) (Result, error) {
	r := Result{Exercise: e}
	if err := os.Mkdir(place, 0o777); err != nil {
		return r, err
	}
	command, err := apart(limits, built.student)
	if err != nil {
		return r, err
	}
	nonce := rand.Text()
	within, end := context.WithCancelCause(ctx)
	defer end(nil)
	timer := time.AfterFunc(limits.Time, func() { end(errTime) })
	defer timer.Stop()

	said := &output{limit: limits.Output, exceeded: func() { end(errOutput) }}
	memory := max(mostOfGrader, limits.Memory) // the student's process inherits the grader's limit
	cmd := processgroup.Limited(within, memory, mostInFile, built.graders, "-test.run=^"+e.Grader()+"$", "-test.v", "-test.count=1", "-test.timeout=0")
	cmd.Dir = place
	cmd.Stdin = strings.NewReader(nonce) // not in the environment, which others can read in /proc
	cmd.Env = append(os.Environ(), report.Var+"=stdin", report.CommandVar+"="+command, "LABS_STORY=data", ForDetector)
	cmd.Env = append(cmd.Env, folders(place)...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = said, said, killing/2
	begun := time.Now()
	err = processgroup.Run(cmd)
	r.Took = time.Since(begun)
	var exit *exec.ExitError
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && within.Err() == nil {
		return r, fmt.Errorf("%s: %w", e.Name, err)
	}
	if exit != nil && exit.ExitCode() == cantExecute {
		return r, fmt.Errorf("nothing that is compiled to %s can be run: set TMPDIR to a folder that is not mounted noexec", filepath.Dir(place))
	}
	printed := said.String()
	if err != nil && memoryIsOut.MatchString(printed) {
		end(errMemory)
	}
	r.tell(printed, report.Key(nonce))
	r.withdrawIf(exit != nil && within.Err() == nil)
	if within.Err() != nil || r.Result == "" {
		if err := canWrite(place); err != nil {
			return r, fmt.Errorf("%s can't be graded: %w", e.Name, err)
		}
	}
	return r, r.judge(printed, context.Cause(within), limits)
}

// withdrawIf withdraws a good report if its grader has failed afterwards: it has perhaps not seen all that the student's code leaves behind.
func (r *Result) withdrawIf(failed bool) {
	if failed && r.Result == report.Passed {
		r.Report = report.Report{}
	}
}

// folders are the variables that make one folder the home of a grader, and the place for its temporary files. The grader hands
// them on to the student's process, except on Linux, where the jail sets its own.
func folders(place string) (variables []string) {
	for _, name := range []string{"HOME", "TMPDIR", "TMP", "TEMP"} { // Windows has the last two
		variables = append(variables, name+"="+place)
	}
	return variables
}

// judge completes the result of a grading, which may have been ended from outside. With an error, nobody is judged. What the grader has
// printed, and the reason, may have texts of the student's in them.
func (r *Result) judge(printed string, ended error, limits Limits) error {
	printed = sanitize.Text(printed)
	inTime := errors.Is(ended, errTime) && r.Result != "" // ^Z stops this process, and its clock goes on, but no grader is stopped
	switch {
	case ended != nil && !inTime:
		r.Report = report.Report{Result: report.Failed, Step: r.lastStep(), Printed: r.Printed, Finding: outOf(ended, limits)}
	case r.Result == "":
		return fmt.Errorf("%s can't be graded: its grader has come to no verdict:\n%s", r.Name, printed)
	case r.Result == report.Broken:
		return fmt.Errorf("%s can't be graded: %s", r.Name, sanitize.Text(r.Reason))
	case r.Result == report.Failed && r.Finding == nil:
		return fmt.Errorf("%s can't be graded: its grader fails, and finds no mistake:\n%s", r.Name, printed)
	}
	r.Output = r.Printed
	return nil
}

// canWrite fails if there is no room for a report.
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

// attribute matches the line in which a test binary prints an attribute of a test: its key and its value.
var attribute = regexp.MustCompile(`^=== ATTR  \S+ (\S+) (.*)$`)

// tell finds the report, which is the attribute with the key, and the story in the output of a grader. The output of the
// student's process is not in it.
func (r *Result) tell(printed, key string) {
	var told story.Decoder
	for line := range strings.Lines(printed) {
		part := attribute.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if part == nil {
			continue
		}
		if part[1] == key {
			if left, err := report.Decode(part[2]); err == nil {
				r.Report = *left
			}
			continue
		}
		event, done, err := told.Attribute(part[1], part[2])
		if done && err == nil && event.Lane != story.Wire && event.Text != "" {
			r.Story = append(r.Story, event)
		}
	}
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

// outOf is the finding on a grading that was ended from outside.
func outOf(ended error, limits Limits) *report.Finding {
	if errors.Is(ended, errOutput) {
		return &report.Finding{
			Sentence: "it-returns",
			Mistake:  "the grading takes too much output",
			Expected: fmt.Sprintf("at most %d KiB", limits.Output>>10),
			Seen:     "your code was called again and again, and the story of it got longer than that",
		}
	}
	if errors.Is(ended, errMemory) {
		return &report.Finding{
			Sentence: "it-returns",
			Mistake:  "the grading takes too much memory",
			Expected: fmt.Sprintf("at most %d MiB", mostOfGrader>>20),
			Seen:     "your code sent so much that the grader ran out of memory",
		}
	}
	return &report.Finding{
		Sentence: "it-returns",
		Mistake:  "the grading was not over in time",
		Expected: fmt.Sprintf("all steps are over within %s", story.Duration(limits.Time)),
		Seen:     "the step above was not over, and the grading was ended; a very busy machine needs more time: labs grade --limit",
	}
}
