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

// Job is compiled programs to run on kernels.
type Job struct {
	dir     string                        // folder of the guest's program and the test binaries; Close removes it
	files   map[string]string             // files of this machine that go beside the test binaries, by their names there
	ended   map[string]func(limit string) // by package: Program.Ended
	job     protocol.Job
	machine machine
}

// program is the name of the guest's own program in the Job's folder, and guestFolder is the folder of its source.
const (
	program     = "guest"
	guestFolder = "./labs/internal/timemachine/guest"
)

const (
	// virtualLimit ends tests that hang. It is virtual time, which passes quickly while tests hang.
	virtualLimit = "24h"

	// atOnce is how many experiments run at the same time. More would not be faster, because waiting takes no
	// real time, and the guest's only processor would be late if it had too much to do.
	atOnce = "8"
)

// Tests are tests to compile and run.
type Tests struct {
	Root    string   // the module's folder
	Folders []string // folders of packages in it
	Args    []string // arguments of the test binaries, such as which tests to run
	Arch    string   // the guest's processor, a GOARCH; empty for this machine's
}

// Compile compiles the tests and the guest's program. It calls progress once, before it starts.
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

// prepare compiles the guest's program and tests. Then it calls fill, which adds what to run.
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

// PassEach makes the tests run once with each of these lists of arguments, one run after another. Their output comes as if it
// were one run.
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

// Close removes the compiled files.
func (j *Job) Close() error { return os.RemoveAll(j.dir) }

func (j *Job) compile(ctx context.Context, root, arch string, folders []string, progress func(*gotest.Compiling)) error {
	if err := gotest.Ready(); err != nil {
		return err
	}
	const small = "-ldflags=-s -w" // the guest's processor is slow, and the kernel has to unpack these files
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
