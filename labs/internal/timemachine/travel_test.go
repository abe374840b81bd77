package timemachine

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
)

const root = "../../.."

// oneKernel is a kernel to run tests on.
func oneKernel(t *testing.T) Kernel {
	t.Helper()
	skip.UnlessChecking(t, "boots kernels in QEMU")
	if missing := Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	kernels, err := Kernels(t.Context())
	if len(kernels) == 0 {
		skip.Needs(t, "a kernel", err.Error())
	}
	return kernels[len(kernels)-1]
}

func compiled(t *testing.T, pattern string) *Job {
	t.Helper()
	job, err := Compile(t.Context(), Tests{Root: root, Folders: []string{"lab03_keepalive"}, Args: []string{"-test.run=^(" + pattern + ")$"}}, func(*gotest.Compiling) {})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, job.Close()) })
	return job
}

const limit = 5 * time.Minute

func TestTwoHoursPassInSeconds(t *testing.T) {
	kernel := oneKernel(t)
	job := compiled(t, "TestSystemSettingsTakeOverTwoHours")
	left := t.TempDir()
	var result gotest.Event
	var record story.Record
	began := time.Now()
	first := sync.OnceFunc(func() {
		t.Logf("the guest's first test began after %s", time.Since(began).Round(10*time.Millisecond))
	})
	release, err := job.Run(t.Context(), kernel, limit, left, func(e gotest.Event) {
		first()
		switch {
		case e.Action == gotest.Artifacts:
			record.Test = e.Path
		case e.IsResult() && e.Test != "":
			result = e
		}
	})
	require.NoError(t, err)
	assert.Equal(t, kernel.Name(), release)
	assert.Equal(t, gotest.Pass, result.Action)
	assert.Greater(t, result.Elapsed, (2 * time.Hour).Seconds())

	text, err := os.ReadFile(filepath.Join(record.Test, "story.json"))
	require.NoError(t, err, "the story should be where the event says")
	require.NoError(t, json.Unmarshal(text, &record))
	assert.Equal(t, result.Test, record.Test)
}

// An error is one line, and leaves no QEMU behind, because Run waits for its end.
func TestMachineThatStopsSaysWhy(t *testing.T) {
	kernel := oneKernel(t)
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	job := compiled(t, "TestNone")
	for _, stop := range []struct {
		name  string
		ctx   context.Context
		limit time.Duration
		spoil func()
		want  string
	}{
		{"the guest hangs", t.Context(), 100 * time.Millisecond, func() {}, "not done within 100 ms"},
		{"interrupted", interrupted, limit, func() {}, context.Canceled.Error()},
		{"a test binary does not run", t.Context(), limit, func() {
			job.job.Tests[0].Args = []string{"-test.nosuchflag"}
		}, "exit status 2"},
		{"the kernel panics", t.Context(), limit, func() {
			require.NoError(t, os.WriteFile(filepath.Join(job.dir, program), []byte("no program"), 0o777))
		}, "Kernel panic"},
	} {
		t.Run(stop.name, func(t *testing.T) {
			stop.spoil() // earlier spoils would end the machine later, or not at all
			_, err := job.Run(stop.ctx, kernel, stop.limit, "", func(gotest.Event) {})
			require.ErrorContains(t, err, stop.want)
			assert.Equal(t, 0, strings.Count(err.Error(), "\n"), "%v", err)
		})
	}
}

func TestWithoutQEMUIsOneLineThatHelps(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findQEMU(runtime.GOARCH)
	require.Error(t, err)
	if _, known := machines[runtime.GOARCH]; known {
		assert.ErrorContains(t, err, "install QEMU")
	}
}

func TestLastWordsAreThoseOfWhoStopped(t *testing.T) {
	console := filepath.Join(t.TempDir(), "console")
	for said, want := range map[string]string{
		"[  1.0] fine\r\n[  1.1] Kernel panic - not syncing: no init\r\n[  1.2] more\r\n": "Kernel panic - not syncing: no init",
		"guest: mount /proc: no\r\n[  1.2] reboot: Power down\r\n":                        "guest: mount /proc: no",
		"[  1.0] something\r\n[  1.1] last\r\n":                                           "last",
	} {
		require.NoError(t, os.WriteFile(console, []byte(said), 0o666))
		assert.Contains(t, lastWords(console, "", nil), want)
	}
}
