package timemachine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/timemachine/protocol"
)

// Job is what is to be run on every kernel, compiled.
type Job struct {
	dir     string // holds the guest's program and the test binaries; Close removes it
	job     protocol.Job
	machine machine
}

// program is the name of the guest's own program in the Job's folder, and guestFolder where its source is.
const (
	program     = "guest"
	guestFolder = "./labs/internal/timemachine/guest"
)

const (
	// virtualLimit ends tests that hang: of the guest's time, which passes quickly then.
	virtualLimit = "24h"

	// atOnce is how many experiments run side by side. In virtual time, waiting for one after another takes
	// no longer, and the guest's one processor should not be late because it has too much to do.
	atOnce = "8"
)

// Compile compiles the tests of these packages of the module at root, given as folders, and the guest's
// program. What runs in the guest are the tests that the pattern fits. It calls progress once, before it begins.
func Compile(ctx context.Context, root string, folders []string, pattern string, progress func(*gotest.Compiling)) (*Job, error) {
	machine, err := findQEMU()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "timemachine-")
	if err != nil {
		return nil, err
	}
	j := &Job{dir: dir, machine: machine}
	if err := j.compile(ctx, root, folders, progress); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	for _, folder := range folders {
		j.job.Tests = append(j.job.Tests, protocol.Test{
			Package: "socketlabs/" + folder,
			Binary:  path.Base(folder) + ".test",
			Args: []string{"-test.v=test2json", "-test.paniconexit0", "-test.timeout=" + virtualLimit,
				"-test.parallel=" + atOnce, "-test.run=" + pattern},
		})
	}
	j.job.Env = []string{"LABS_LONG=on", "LABS_STORY=data", "LABS_IP=" + os.Getenv("LABS_IP"), "HOME=/tmp", "TMPDIR=/tmp"}
	return j, nil
}

// PassEach makes the tests run once with each of these arguments, one run after another. What they say comes as one.
func (j *Job) PassEach(all [][]string) {
	var tests []protocol.Test
	for _, args := range all {
		for _, test := range j.job.Tests {
			test.Args = slices.Concat(test.Args, args)
			tests = append(tests, test)
		}
	}
	j.job.Tests = tests
}

// Close removes what was compiled.
func (j *Job) Close() error { return os.RemoveAll(j.dir) }

func (j *Job) compile(ctx context.Context, root string, folders []string, progress func(*gotest.Compiling)) error {
	if err := gotest.Ready(); err != nil {
		return err
	}
	const small = "-ldflags=-s -w" // the guest's processor is slow, and all has to be unpacked
	guest := []string{"build", small, "-o", filepath.Join(j.dir, program), guestFolder}
	test := []string{"test", "-c", small, "-o", j.dir + string(filepath.Separator)}
	packages := []string{guestFolder}
	for _, folder := range folders {
		test = append(test, "./"+folder)
		packages = append(packages, "./"+folder)
	}
	env := append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH, "GOTMPDIR="+j.dir)
	compiling := gotest.Watch(ctx, root, env, j.dir, packages...)
	defer compiling.Close()
	progress(compiling)
	for _, args := range [][]string{guest, test} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = root
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return gotest.NotCompiled(err, out)
		}
	}
	return nil
}

// writeArchive writes the guest's file system for one kernel.
func (j *Job) writeArchive(name string, kernel Kernel, artifacts bool) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	job := j.job
	job.Artifacts = artifacts
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	a := newArchive(file)
	errs := []error{
		a.addFile("/init", filepath.Join(j.dir, program)),
		a.add(protocol.JobFile, int64(len(text)), strings.NewReader(string(text))),
	}
	for i, module := range kernel.modules {
		errs = append(errs, a.addFile(fmt.Sprintf("%s/%d-%s", protocol.Modules, i, filepath.Base(module)), module))
	}
	for _, test := range j.job.Tests {
		errs = append(errs, a.addFile(path.Join(protocol.Binaries, test.Binary), filepath.Join(j.dir, test.Binary)))
	}
	return errors.Join(append(errs, a.close(), file.Close())...)
}
