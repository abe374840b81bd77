package gotest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// fakeVar is an environment variable: which fake of the go command this binary is.
const fakeVar = "GOTEST_FAKE"

var fakes = map[string]func(){
	"speaks": func() {
		fmt.Println(`{"Action":"start","Package":"p"}`)
		fmt.Println("no JSON")
		fmt.Println(`{"Action":"output","Package":"p","Output":"` + strings.Repeat("a", 1<<20) + `"}`)
		fmt.Println(`{"Action":"pass","Package":"p","Elapsed":0.5}`)
	},
	"fails before a test": func() {
		interrupted := listen()
		fmt.Println(`{"Action":"start","Package":"p"}`)
		fmt.Println(`{"Action":"output","Package":"p","Output":"panic: init\n"}`)
		fmt.Println(`{"Action":"output","Package":"p","Output":"goroutine 1\n"}`)
		fmt.Println(`{"Action":"fail","Package":"p"}`)
		fmt.Println(`{"Action":"output","Package":"q","Output":"panic: later\n"}`)
		fmt.Println(`{"Action":"fail","Package":"q"}`)
		interrupted()
	},
	"fails in a test": func() {
		fmt.Println(`{"Action":"output","Package":"p","Output":"harness: a remark\n"}`)
		fmt.Println(`{"Action":"run","Package":"p","Test":"TestX"}`)
		fmt.Println(`{"Action":"output","Package":"p","Test":"TestX","Output":"x_test.go:1: wrong\n"}`)
		fmt.Println(`{"Action":"fail","Package":"p","Test":"TestX"}`)
		fmt.Println(`{"Action":"fail","Package":"p"}`)
		os.Exit(1)
	},
	"does not compile": func() {
		interrupted := listen()
		fmt.Println(`{"Action":"build-output","Output":"# p\n"}`)
		fmt.Println(`{"Action":"build-output","Output":"./x.go:3:1: undefined: y\n"}`)
		fmt.Println(`{"Action":"build-output","Output":"./x.go:4:1: undefined: z\n"}`)
		fmt.Println(`{"Action":"fail","Package":"p"}`)
		interrupted()
	},
	"complains": func() {
		fmt.Fprint(os.Stderr, "go: cannot do that\nfor a reason\n")
		os.Exit(1)
	},
	"runs": func() {
		interrupted := listen()
		fmt.Println(`{"Action":"start","Package":"p"}`)
		os.WriteFile(os.Getenv(begunVar), nil, 0o666)
		interrupted()
	},
	"says where it is": func() {
		here, _ := os.Getwd()
		fmt.Println(filepath.Base(here), os.Args[1:], os.Getenv("LABS_STORY"), filepath.Base(filepath.Dir(os.Getenv("GOTMPDIR"))))
	},
}

// begunVar is an environment variable: the file that the fake "runs" makes when it has begun.
const begunVar = "GOTEST_BEGUN"

func TestMain(m *testing.M) {
	if fake := fakes[os.Getenv(fakeVar)]; fake != nil {
		fake()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// onPath makes this binary the go command on the PATH, as one of the fakes.
func onPath(t *testing.T, fake string) {
	t.Helper()
	self := skip.UnlessSelf(t)
	name := "go"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, name)); err != nil {
		t.Skipf("can't stand in for go: %v", err) // Windows asks for a privilege
	}
	t.Setenv("PATH", folder)
	t.Setenv(fakeVar, fake)
}

func TestWhatGoSaysIsHandedOn(t *testing.T) {
	onPath(t, "speaks")
	var got []Event
	require.NoError(t, Do(t.Context(), ".", nil, func(e Event) {
		if e.Action != Compile { // not an event of the go command
			got = append(got, e)
		}
	}))
	want := []Event{
		{Action: Start, Package: "p"},
		{Action: Output, Output: "no JSON\n"},
		{Action: Output, Package: "p", Output: strings.Repeat("a", 1<<20)},
		{Action: Pass, Package: "p", Elapsed: 0.5},
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}

func TestGoIsAskedInTheFolder(t *testing.T) {
	onPath(t, "says where it is")
	folder, temporary := t.TempDir(), filepath.Join(t.TempDir(), "temporary")
	require.NoError(t, os.Mkdir(temporary, 0o777))
	t.Setenv("GOTMPDIR", temporary)
	var said string
	require.NoError(t, Do(t.Context(), folder, []string{"-run", "X"}, func(e Event) { said += e.Output }))
	assert.Equal(t, filepath.Base(folder)+" [test -json -vet=off -run X] data temporary\n", said)
}

// The reason is the first line of the output. Then go is interrupted, because waiting for the rest would only delay the error.
func TestReasonIsOneLine(t *testing.T) {
	for fake, want := range map[string]string{
		"fails before a test": "panic: init",
		"fails in a test":     ErrFailed.Error(),
		"does not compile":    "x.go:3:1: undefined: y",
		"complains":           "go can't compile: cannot do that",
	} {
		t.Run(fake, func(t *testing.T) {
			onPath(t, fake)
			begun := time.Now()
			assert.EqualError(t, Do(t.Context(), ".", nil, func(Event) {}), want)
			assert.Less(t, time.Since(begun), patience, "it was not interrupted")
		})
	}
}

func TestWhatKeepsGoFromRunningIsSaid(t *testing.T) {
	nothing := func(Event) {}
	assert.ErrorIs(t, Do(t.Context(), filepath.Join(t.TempDir(), "gone"), nil, nothing), os.ErrNotExist)

	t.Run("no folder for temporary files", func(t *testing.T) {
		t.Setenv("GOTMPDIR", filepath.Join(t.TempDir(), "gone"))
		assert.ErrorIs(t, Do(t.Context(), ".", nil, nothing), os.ErrNotExist)
	})
	t.Run("no go", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		assert.EqualError(t, Do(t.Context(), ".", nil, nothing),
			"there is no go on the PATH: install Go, https://go.dev/doc/install")
	})
	t.Run("no cache", func(t *testing.T) {
		for _, name := range []string{"GOCACHE", "HOME", "XDG_CACHE_HOME", "LocalAppData"} {
			t.Setenv(name, "")
		}
		assert.EqualError(t, Do(t.Context(), ".", nil, nothing),
			"go has no folder for what it downloads and compiles: set HOME, or GOPATH and GOCACHE, to folders")
		onPath(t, "speaks")
		t.Setenv("GOCACHE", t.TempDir())
		t.Setenv("GOPATH", t.TempDir())
		assert.NoError(t, Do(t.Context(), ".", nil, nothing))
	})
}

func TestResultsEndATest(t *testing.T) {
	var results []string
	for _, action := range []string{Start, Run, Pass, Fail, Skip, Output, Attr, Artifacts, BuildOutput} {
		if (Event{Action: action}).IsResult() {
			results = append(results, action)
		}
	}
	assert.Equal(t, []string{Pass, Fail, Skip}, results)
}
