//go:build unix

package timemachine

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A machine that does not end on its own is ended by ^C, and at its time limit.
func TestNoQEMUIsLeftBehind(t *testing.T) {
	for name, stop := range map[string]struct {
		limit     time.Duration
		interrupt bool
		want      string
	}{
		"interrupted":  {limit: time.Hour, interrupt: true, want: context.Canceled.Error()},
		"time is over": {limit: 100 * time.Millisecond, want: "not done within 100 ms"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pidFile := filepath.Join(dir, "pid")
			hangs := machine{qemu: filepath.Join(dir, "qemu")}
			script := "#!/bin/sh\necho $$ > " + pidFile + ".new && mv " + pidFile + ".new " + pidFile + "\nexec sleep 3600\n"
			require.NoError(t, os.WriteFile(hangs.qemu, []byte(script), 0o777))
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			err := hangs.boot(ctx, Kernel{File: "vmlinuz"}, "archive", dir, stop.limit, func(home io.Reader) error {
				if stop.interrupt {
					require.Eventually(t, func() bool { return pidIn(pidFile) > 0 }, time.Minute, 10*time.Millisecond, "QEMU does not begin")
					interrupt()
				}
				_, err := io.Copy(io.Discard, home)
				return err
			})
			assert.ErrorContains(t, err, stop.want)
			if pid := pidIn(pidFile); pid > 0 { // otherwise it was ended before it wrote the file
				assert.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH, "QEMU still runs")
			}
		})
	}
}

// A guest can send everything even if nobody reads: if it had to wait, its clock would jump.
func TestGuestNeverWaitsForUs(t *testing.T) {
	dir := t.TempDir()
	talks := machine{qemu: filepath.Join(dir, "qemu")}
	done := filepath.Join(dir, "done")
	const size = 8 << 20 // far more than a pipe can hold
	script := fmt.Sprintf("#!/bin/sh\nhead -c %d /dev/zero && touch %s\n", size, done)
	require.NoError(t, os.WriteFile(talks.qemu, []byte(script), 0o777))
	err := talks.boot(t.Context(), Kernel{File: "vmlinuz"}, "archive", dir, time.Minute, func(home io.Reader) error {
		assert.EventuallyWithT(t, func(t *assert.CollectT) { assert.FileExists(t, done) }, 10*time.Second, 10*time.Millisecond, "it waits until somebody reads")
		n, err := io.Copy(io.Discard, home)
		assert.EqualValues(t, size, n)
		return err
	})
	assert.NoError(t, err)
}

func pidIn(file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}
