package timemachine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
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
	dir     string                        // holds the guest's program and what was compiled with it; Close removes it
	files   map[string]string             // of ours, by their names beside the test binaries
	ended   map[string]func(limit string) // by package; nil if nobody asks
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

// Tests are what is to be run.
type Tests struct {
	Root    string   // of the module
	Folders []string // of packages in it
	Args    []string // of their test binaries: which tests, for one
	Arch    string   // the processor of the machine; empty for one like ours
}

// Compile compiles the tests and the guest's program. It calls progress once, before it begins.
func Compile(ctx context.Context, tests Tests, progress func(*gotest.Compiling)) (*Job, error) {
	arch := cmp.Or(tests.Arch, runtime.GOARCH)
	return prepare(ctx, tests.Root, arch, tests.Folders, progress, func(j *Job) {
		args := append([]string{"-test.v=test2json", "-test.paniconexit0", "-test.timeout=" + virtualLimit, "-test.parallel=" + atOnce}, tests.Args...)
		for _, folder := range tests.Folders {
			binary := path.Base(folder) + ".test"
			j.files[binary] = filepath.Join(j.dir, binary)
			j.job.Tests = append(j.job.Tests, protocol.Test{Package: "socketlabs/" + folder, Binary: binary, Args: args})
		}
		j.job.Env = append(j.job.Env, "LABS_LONG=on")
	})
}

// prepare compiles the guest's program and tests. Then the job is to be filled with what runs.
func prepare(ctx context.Context, root, arch string, folders []string, progress func(*gotest.Compiling), fill func(*Job)) (*Job, error) {
	machine, err := findQEMU(arch)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "timemachine-")
	if err != nil {
		return nil, err
	}
	j := &Job{dir: dir, machine: machine, files: make(map[string]string)}
	if err := j.compile(ctx, root, arch, folders, progress); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	j.job.Env = []string{"LABS_STORY=data", "LABS_IP=" + os.Getenv("LABS_IP"), "HOME=/tmp", "TMPDIR=/tmp"}
	fill(j)
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

func (j *Job) compile(ctx context.Context, root, arch string, folders []string, progress func(*gotest.Compiling)) error {
	if err := gotest.Ready(); err != nil {
		return err
	}
	const small = "-ldflags=-s -w" // the guest's processor is slow, and all has to be unpacked
	guest := []string{"build", small, "-o", filepath.Join(j.dir, program), guestFolder}
	test := []string{"test", "-c", small, "-o", j.dir + string(filepath.Separator)}
	packages := []string{guestFolder}
	for _, folder := range folders {
		packages = append(packages, "./"+folder)
	}
	commands := [][]string{guest}
	if len(folders) > 0 {
		commands = append(commands, append(test, packages[1:]...))
	}
	env := append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOTMPDIR="+j.dir)
	compiling := gotest.Watch(ctx, root, env, j.dir, packages...)
	defer compiling.Close()
	progress(compiling)
	for _, args := range commands {
		if err := gotest.Build(ctx, root, j.dir, env, args...); err != nil {
			return err
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
		a.addFile(protocol.Init, filepath.Join(j.dir, program)),
		a.add(protocol.JobFile, int64(len(text)), strings.NewReader(string(text))),
	}
	for i, module := range kernel.modules {
		errs = append(errs, a.addFile(fmt.Sprintf("%s/%d-%s", protocol.Modules, i, filepath.Base(module)), module))
	}
	for _, name := range slices.Sorted(maps.Keys(j.files)) {
		errs = append(errs, a.addFile(path.Join(protocol.Binaries, name), j.files[name]))
	}
	return errors.Join(append(errs, a.close(), file.Close())...)
}
