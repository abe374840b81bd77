package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
)

// outcome is how the run of a mutant ended.
type outcome string

const (
	killed   outcome = "killed"   // a test failed
	timedOut outcome = "hung"     // a test did not end, so it noticed
	survived outcome = "survived" // all tests passed
	notRun   outcome = "not run"  // all tests were skipped, or there are none
)

// mutantVar is the environment variable with the id of the mutant that a process is.
const mutantVar = "LABS_MUTANT"

// grace is how long tests may take to end after an interrupt.
const grace = 5 * time.Second

// helpers are compiled into each package that has mutants. One test binary contains all mutants of a package, and
// a process of it is one of them.
const helpers = `package %s

import (
	"os"
	"reflect"
	"strconv"
	"time"
)

type mutantDuration = time.Duration

var mutantHere, _ = strconv.Atoi(os.Getenv("` + mutantVar + `"))

// mutantCall is a call that does nothing and returns zero values, in the mutant.
func mutantCall[F any](id int, call F) F {
	if id != mutantHere {
		return call
	}
	of := reflect.TypeFor[F]()
	return reflect.MakeFunc(of, func([]reflect.Value) []reflect.Value {
		results := make([]reflect.Value, of.NumOut())
		for i := range results {
			results[i] = reflect.Zero(of.Out(i))
		}
		return results
	}).Interface().(F)
}

// mutantValue is the zero value, in the mutant.
func mutantValue[V any](id int, value V) (zero V) {
	if id != mutantHere {
		return value
	}
	return zero
}
`

// build compiles the test binaries of packages, with all their mutants, into folder. It does not change the
// sources.
func build(ctx context.Context, folder string, packages []*pkg) error {
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	replace := func(path string, text []byte) error {
		overlay.Replace[path] = filepath.Join(folder, fmt.Sprintf("%d.go", len(overlay.Replace)))
		return os.WriteFile(overlay.Replace[path], text, 0o666)
	}
	args := []string{"test", "-c", "-vet=off", "-overlay", filepath.Join(folder, "overlay.json"), "-o", folder + string(filepath.Separator)}
	for _, p := range packages {
		args = append(args, p.ImportPath)
		for _, name := range p.files() {
			text, err := rewritten(filepath.Join(p.Dir, name), p.edits)
			if err != nil {
				return err
			}
			if err := replace(filepath.Join(p.Dir, name), text); err != nil {
				return err
			}
		}
		for file, name := range p.helperFiles() {
			if err := replace(filepath.Join(p.Dir, file), fmt.Appendf(nil, helpers, name)); err != nil {
				return err
			}
		}
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "overlay.json"), text, 0o666); err != nil {
		return err
	}
	return gotest.Build(ctx, packages[0].Dir, folder, os.Environ(), args...)
}

// helperFiles are the files that the helpers need, with the names of their packages.
func (p *pkg) helperFiles() map[string]string {
	files := make(map[string]string)
	if len(p.GoFiles) > 0 {
		files["mutants_labs.go"] = p.Name
	} else {
		files["mutants_labs_test.go"] = p.Name
	}
	if len(p.XTestGoFiles) > 0 {
		files["mutants_labs_x_test.go"] = p.Name + "_test"
	}
	return files
}

var ranSome = regexp.MustCompile(`(?m)^(--- PASS|Benchmark\S+\s+\d)`)

// run runs the tests that can notice the mutant. With id 0, the process is not a mutant, and it is an error if its
// tests don't pass.
func (m mutant) run(ctx context.Context, folder string, limit time.Duration) (outcome, error) {
	// -test.timeout does not end benchmarks.
	ending, cancel := context.WithTimeout(ctx, limit+grace)
	defer cancel()
	binary := filepath.Join(folder, path.Base(m.pkg.ImportPath)+".test")
	args := append([]string{"-test.v", "-test.timeout=" + limit.String()}, selection(m.tests)...)
	cmd := exec.CommandContext(ending, binary, args...)
	cmd.Dir = m.pkg.Dir
	cmd.Env = append(os.Environ(), mutantVar+"="+strconv.Itoa(m.id))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = grace
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case ending.Err() != nil, bytes.Contains(out, []byte("panic: test timed out")):
		err = fmt.Errorf("not over after %s", story.Duration(limit))
		return timedOut, m.mustPass(err)
	case errors.As(err, &exit):
		return killed, m.mustPass(fmt.Errorf("%w:\n%s", err, out))
	case err != nil:
		return "", err
	case ranSome.Match(out):
		return survived, nil
	}
	return notRun, nil
}

// mustPass is the error if the tests fail without a mutation. A mutant may fail, so for a mutant it is nil.
func (m mutant) mustPass(err error) error {
	if m.id != 0 {
		return nil
	}
	return fmt.Errorf("%s does not pass as it is: %w", m.pkg.ImportPath, err)
}

// selection are the arguments of a test binary that run only these tests.
func selection(tests []string) []string {
	if len(tests) == 0 {
		return nil
	}
	benchmarks := slices.DeleteFunc(slices.Clone(tests), func(name string) bool { return !isBenchmark.MatchString(name) })
	tests = slices.DeleteFunc(slices.Clone(tests), isBenchmark.MatchString)
	args := []string{"-test.run=" + anyOf(tests)}
	if len(tests) == 0 {
		args = append(args, "-test.bench="+anyOf(benchmarks), "-test.benchtime=1x")
	}
	return args
}

func anyOf(names []string) string { return "^(" + strings.Join(names, "|") + ")$" }
