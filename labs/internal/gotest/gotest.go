// Package gotest runs go test and hands on its events as they come.
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

// What happens to a package or a test: the actions of "go doc test2json" that we ask about, that of a compiler which has
// something to say, and before all that those of ours.
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
	Test    string  // empty for what concerns the package
	Elapsed float64 // in seconds, once it is over
	Output  string
	Path    string // of Artifacts: their folder

	Key, Value string // of Attr

	Compiling *Compiling `json:"-"` // of Compile
}

// IsResult reports whether the event ends a test or a package.
func (e Event) IsResult() bool { return e.Action == Pass || e.Action == Fail || e.Action == Skip }

// IsFrame reports whether a line that was printed is one by which go test says what it does itself.
func IsFrame(line string) bool {
	return strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ")
}

// ErrFailed says that a test has failed.
var ErrFailed = errors.New("a test has failed")

// begun stands in for what a package says, once one of its tests has begun.
const begun = "=== RUN"

// patience is how long an interrupted go test may take to end.
const patience = 10 * time.Second

// Do runs go test in dir and calls each for every event. When ctx ends, go test and all that it has
// started are interrupted, once, and waited for. The error is ErrFailed if tests have failed; any other
// error is one line that says why they did not run, and names file and line of what does not compile.
func Do(ctx context.Context, dir string, args []string, each func(Event)) error {
	if err := Ready(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	temporary, err := os.MkdirTemp(os.Getenv("GOTMPDIR"), "gotest-") // go leaves there what an interrupted compiler writes
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	var stderr bytes.Buffer
	// Vet reads all that is imported, which delays the first result after a clone; the experiments have been through it.
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

	var broken string // why no test runs, in the first words of those who say so
	failed := false
	said := make(map[string]string) // by packages, before any test of theirs began
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 16<<20) // a test may print long lines
	for lines.Scan() {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			e = Event{Action: Output, Output: lines.Text() + "\n"}
		}
		switch {
		case broken != "" || ctx.Err() != nil: // compilers that are interrupted complain, too
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
			cancel() // the other packages would only delay the news
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

// packages are those among the arguments of go test.
func packages(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return !strings.HasPrefix(arg, "./") })
}
