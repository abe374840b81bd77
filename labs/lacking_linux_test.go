package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

var labFolders = []string{"lab01_timeout", "lab02_reuseaddr", "lab03_keepalive", "lab04_compare"}

// If a system lacks something, no experiment and no test of the harness fails: those that need it are skipped.
func TestExperimentsAreSkippedForWhatTheSystemLacks(t *testing.T) {
	skip.UnlessChecking(t, "runs all labs where something is missing")
	for name, lacking := range map[string]struct {
		namespaces uintptr
		script     string
		env        []string
		packages   []string
	}{
		"proc": {syscall.CLONE_NEWNS, "mount -t tmpfs none /proc", nil, append([]string{
			"harness", "harness/grading", "harness/kernel", "harness/process", "harness/wire"}, labFolders...)},
		"IPv6": {syscall.CLONE_NEWNET, "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6",
			[]string{"LABS_IP=6", "LABS_SANDBOX=off"}, labFolders},
	} {
		for _, folder := range lacking.packages {
			t.Run(folder+" without "+name, func(t *testing.T) {
				t.Parallel()
				binary := filepath.Join(t.TempDir(), "the.test")
				out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, "../"+folder).CombinedOutput()
				require.NoError(t, err, "%s", out)

				cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", lacking.script+` && echo begins && exec "$0" -test.v`, binary)
				cmd.Dir = filepath.Join("..", filepath.FromSlash(folder))
				cmd.Env = append(os.Environ(), lacking.env...)
				cmd.SysProcAttr = &syscall.SysProcAttr{
					Cloneflags:  syscall.CLONE_NEWUSER | lacking.namespaces,
					UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
				}
				said, err := cmd.CombinedOutput()
				if !strings.HasPrefix(string(said), "begins\n") {
					skip.Needs(t, "namespaces", fmt.Sprintf("%v: %s", err, said))
				}
				assert.NoError(t, err)
				assert.Contains(t, string(said), "--- SKIP: ")
				for line := range strings.Lines(string(said)) {
					assert.NotContains(t, line, "--- FAIL: ")
				}
			})
		}
	}
}
