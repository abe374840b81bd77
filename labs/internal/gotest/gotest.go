// Package gotest runs go test, and reports its events as they come.
package gotest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// The actions of events: first two of our own, then those of "go doc test2json" that we use, and last the output of a
// compiler.
const (
	Compile     = "compile"
	Boot        = "boot"
	Start       = "start"
	Run         = "run"
	Pass        = "pass"
	Fail        = "fail"
	Skip        = "skip"
	Output      = "output"
	Attr        = "attr"
	Artifacts   = "artifacts"
	BuildOutput = "build-output"
)

// Event is one line of go test -json.
type Event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string  // empty for an event of the package
	Elapsed float64 // in seconds, in a result
	Output  string
	Path    string // the folder, in Artifacts

	Key, Value string // in Attr

	Compiling *Compiling `json:"-"` // in Compile
}

// IsResult reports whether the event ends a test or a package.
func (e Event) IsResult() bool { return e.Action == Pass || e.Action == Fail || e.Action == Skip }

// IsFrame reports whether a printed line is go test's own, and not a test's.
func IsFrame(line string) bool {
	return strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ")
}

// ErrFailed means that a test has failed.
var ErrFailed = errors.New("a test has failed")

// begun replaces the first output of a package, once one of its tests has begun.
const begun = "=== RUN"

// patience is how long an interrupted go test may take to end.
const patience = 10 * time.Second

// Do runs go test in dir and calls each for every event. When ctx ends, Do interrupts go test and the
// processes that it has started, once, and waits for them. The error is ErrFailed if tests have failed. Any
// other error is one line that says why they did not run; if code does not compile, it names file and line.
func Do(ctx context.Context, dir string, args []string, each func(Event)) error {
	if err := Ready(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	temporary, err := os.MkdirTemp(os.Getenv("GOTMPDIR"), "gotest-") // the go command leaves the files of an interrupted compiler there
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	var stderr bytes.Buffer
	// Without vet, because it reads all imported packages, and so delays the first result after a clone. The project vets
	// the experiments before they land.
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-vet=off"}, args...)...)
	cmd.Dir, cmd.Stderr, cmd.WaitDelay = dir, &stderr, patience
	cmd.Env = append(os.Environ(), "GOTMPDIR="+temporary, "LABS_STORY=data")
	interruptAsGroup(cmd)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	compiling := Watch(ctx, dir, cmd.Env, temporary, packages(args)...)
	defer compiling.Close()
	each(Event{Action: Compile, Compiling: compiling})
	if err := cmd.Start(); err != nil {
		return err
	}

	var broken string // why no test runs: the first line that says so
	failed := false
	said := make(map[string]string) // by package, its first output, until one of its tests begins
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 16<<20) // a test may print long lines
	for lines.Scan() {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			e = Event{Action: Output, Output: lines.Text() + "\n"}
		}
		switch {
		case broken != "" || ctx.Err() != nil: // interrupted compilers print errors, too
		case e.Action == BuildOutput:
			broken = Complaint(e.Output)
		case e.Action == Run:
			said[e.Package] = begun
		case e.Action == Output && said[e.Package] == "":
			said[e.Package] = strings.TrimSpace(e.Output)
		case e.Action == Fail && said[e.Package] != begun:
			broken = said[e.Package]
		}
		if broken != "" && e.Action == Fail {
			cancel() // don't wait for the other packages
		}
		failed = failed || e.Action == Fail
		each(e)
	}
	err = errors.Join(lines.Err(), cmd.Wait())
	switch {
	case broken != "":
		return errors.New(broken)
	case ctx.Err() != nil:
		return ctx.Err()
	case failed:
		return ErrFailed
	case err != nil:
		return NotCompiled(err, stderr.Bytes())
	}
	return nil
}

// packages are the packages among the arguments of go test.
func packages(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return !strings.HasPrefix(arg, "./") })
}
