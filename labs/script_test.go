package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/jail"
)

func TestMain(m *testing.M) {
	jail.Enter()
	testscript.Main(m, map[string]func(){"labs": main})
}

// The scripts use the command on the module in testdata/module, whose experiments are quick. If nothing has to run,
// they use it on this module.
func TestScripts(t *testing.T) { runScripts(t, filepath.Join("testdata", "scripts")) }

func TestLongScripts(t *testing.T) {
	skip.UnlessChecking(t, "runs experiments and graders")
	runScripts(t, filepath.Join("testdata", "scripts", "long"))
}

func runScripts(t *testing.T, folder string) {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir: folder,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REAL", filepath.Dir(here))
			env.Setenv("FAKE", filepath.Join(here, module))
			env.Setenv("COPY", copied(t, module))
			env.Setenv("BROKEN", copied(t, module, filepath.Join("testdata", "broken")))
			bin, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator))
			env.Setenv("BIN", bin)
			return goSettings(t, env)
		},
		Condition: func(name string) (bool, error) { return condition(filepath.Dir(here), name) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"fields": fields,
			"within": within,
		},
	})
}

// module is a module whose experiments are quick. No test writes to it: if it is always the same, the go command need not
// compile it again.
var module = filepath.Join("testdata", "module")

// copied copies some folders into a new folder.
func copied(t *testing.T, folders ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, folder := range folders {
		require.NoError(t, os.CopyFS(dir, os.DirFS(folder)))
	}
	return dir
}

// The condition "begun" is true in a clone in which somebody works on the exercises.
func condition(root, name string) (bool, error) {
	if name != "begun" {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	return somethingIsBegun(root)
}

// somethingIsBegun counts the panics that students replace. It does not use package catalog, because the scripts test that.
func somethingIsBegun(root string) (bool, error) {
	const inStarters = 18
	files, err := filepath.Glob(filepath.Join(root, "lab0*", "exercise", "exercise.go"))
	if err != nil {
		return false, err
	}
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		n += strings.Count(string(text), "\tpanic(notBegun)\n")
	}
	if n > inStarters {
		return false, fmt.Errorf("the starters say panic(notBegun) %d times, and not %d: has an exercise been added?", n, inStarters)
	}
	return n < inStarters, nil
}

// goSettings makes go test use the caches of this test, because scripts have a home of their own.
func goSettings(t *testing.T, env *testscript.Env) error {
	names := []string{"CGO_ENABLED", "GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOPROXY", "GOROOT", "GOTOOLCHAIN"}
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return err
	}
	for i, value := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		env.Setenv(names[i], value)
	}
	return nil
}

// exits STATUS ARGS… runs labs, which must exit with that status. If it was used badly, it must say why in one
// line.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec("labs", args[1:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != status {
		ts.Fatalf("labs %s: exit status %d, want %d\n%s", strings.Join(args[1:], " "), got, status, ts.ReadFile("stdout"))
	}
	stderr := ts.ReadFile("stderr")
	oneLine := strings.HasPrefix(stderr, "labs: ") && strings.Count(stderr, "\n") == 1
	if status == badUseStatus && !oneLine || status != badUseStatus && stderr != "" {
		ts.Fatalf("labs %s: status %d and on stderr:\n%s", strings.Join(args[1:], " "), status, stderr)
	}
}

// fields FILE NAMES… asserts that the file is a JSON array of objects with these fields and no others.
func fields(ts *testscript.TestScript, _ bool, args []string) {
	var objects []map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &objects))
	if len(objects) == 0 {
		ts.Fatalf("the array is empty")
	}
	slices.Sort(args[1:])
	for _, object := range objects {
		if diff := cmp.Diff(args[1:], slices.Sorted(maps.Keys(object))); diff != "" {
			ts.Fatalf("%v (-want +got):\n%s", object, diff)
		}
	}
}

// within FILE OTHER asserts that the other file contains the whole file.
func within(ts *testscript.TestScript, _ bool, args []string) {
	if !strings.Contains(ts.ReadFile(args[1]), ts.ReadFile(args[0])) {
		ts.Fatalf("%s does not contain %s", args[1], args[0])
	}
}
