//go:build unix

package timemachine

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/gotest"
)

func TestNothingIsLeftOfInterruptedCompilers(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("GOTMPDIR", "")
	dir, err := os.MkdirTemp("", "")
	require.NoError(t, err)
	j := &Job{dir: dir}

	ctx, interrupt := context.WithCancel(t.Context())
	compiled := make(chan error)
	go func() {
		compiled <- j.compile(ctx, root, runtime.GOARCH, []string{"lab03_keepalive"}, func(*gotest.Compiling) {})
	}()
	assert.Eventually(t, func() bool {
		here, _ := filepath.Glob(filepath.Join(temporary, "go-build*"))
		below, _ := filepath.Glob(filepath.Join(dir, "go-build*"))
		return len(here)+len(below) > 0
	}, time.Minute, time.Millisecond, "compiling does not begin")
	interrupt()
	require.ErrorIs(t, <-compiled, context.Canceled)
	require.NoError(t, j.Close())
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left)
}
