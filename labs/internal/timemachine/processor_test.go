package timemachine

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/gotest"
)

// notInModule are needs that a guest with the downloaded kernel does not meet: a program of the host, and a protocol that the
// kernel was built without.
var notInModule = []string{"Python", "MultipathTCP"}

// The labs also run on the other kind of processor that many students have: cross-compiled, on the kernel in a Go module.
func TestLabsPassOnOtherProcessor(t *testing.T) {
	skip.UnlessChecking(t, "computes another processor's instructions, one by one")
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	if _, err := findQEMU(other); err != nil {
		skip.Needs(t, "QEMU", err.Error())
	}
	kernel, err := Download(t.Context(), other)
	if err != nil {
		skip.Needs(t, "a kernel", err.Error())
	}
	labs, err := filepath.Glob(filepath.Join(root, "lab0*"))
	require.NoError(t, err)
	tests := Tests{Root: root, Args: []string{"-test.run=^Test"}, Arch: other}
	for _, lab := range labs {
		tests.Folders = append(tests.Folders, filepath.Base(lab))
	}
	job, err := Compile(t.Context(), tests, func(*gotest.Compiling) {})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, job.Close()) })

	passed, needs := 0, make(map[string]string)
	said := make(map[string]*strings.Builder)
	_, err = job.Run(t.Context(), kernel, 15*time.Minute, "", func(e gotest.Event) {
		switch {
		case e.Test == "":
		case e.Action == gotest.Attr && e.Key == skip.Attribute:
			needs[e.Package+e.Test] = e.Value
		case e.Action == gotest.Output:
			if said[e.Package+e.Test] == nil {
				said[e.Package+e.Test] = new(strings.Builder)
			}
			said[e.Package+e.Test].WriteString(e.Output)
		case e.Action == gotest.Pass && !strings.Contains(e.Test, "/"):
			passed++
		case e.Action == gotest.Fail:
			assert.Fail(t, e.Test+" fails on "+other, "%s", said[e.Package+e.Test])
		case e.Action == gotest.Skip:
			assert.Contains(t, notInModule, needs[e.Package+e.Test], "%s is skipped on %s", e.Test, other)
		}
	})
	assert.NoError(t, err)
	t.Logf("%d tests passed on %s", passed, other)
	assert.Greater(t, passed, 190)
}

// On a 64-bit PC, the labs also run as 32-bit programs, on the machine itself. In these, a C long has 32 bits, and socket calls
// use another system call.
func TestLabsPassOn32Bits(t *testing.T) {
	skip.UnlessChecking(t, "compiles and runs all labs once more")
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		skip.Needs(t, "amd64", "only a 64-bit PC with Linux runs 32-bit programs of our kind")
	}
	labs, err := filepath.Glob(filepath.Join(root, "lab0*"))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-p=1"}, labs...)...)
	cmd.Env = append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0", "LABS_CHECK=off")
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s", out)
	assert.Equal(t, len(labs), strings.Count(string(out), "ok  \t"), "%s", out)
}
