package grade

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
)

// goThatFails is a GOROOT whose go command fails while a shell condition is true, and otherwise is the usual one.
func goThatFails(t *testing.T, while string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	usual := strings.TrimSpace(string(out))
	root := t.TempDir()
	entries, err := os.ReadDir(usual)
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.Name() != "bin" {
			require.NoError(t, os.Symlink(filepath.Join(usual, entry.Name()), filepath.Join(root, entry.Name())))
		}
	}
	script := fmt.Sprintf("#!/bin/sh\nif %s; then\n\techo 'link: signal: killed' >&2\n\texit 1\nfi\nGOROOT=%s exec %s/bin/go \"$@\"\n", while, usual, usual)
	require.NoError(t, os.Mkdir(filepath.Join(root, "bin"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(root, "bin", "go"), []byte(script), 0o777))
	return root
}

// The graders compile, and then the machine lacks something. Only builds with students' code have GOPROXY=off.
func TestMachineThatFailsMeanwhileIsNoMistakeOfTheStudent(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	failing := `[ "$GOPROXY" = off ]`
	said := onMachine(t, nil, "GOROOT="+goThatFails(t, failing), "GOPROXY=direct")
	assert.Equal(t, "error: go can't compile: link: signal: killed", said, "from then on")
	once := filepath.Join(t.TempDir(), "once")
	said = onMachine(t, nil, "GOROOT="+goThatFails(t, failing+" && mkdir "+once+" 2>/dev/null"), "GOPROXY=direct")
	assert.Contains(t, said, report.Passed+": []", "for a moment")
	assert.DirExists(t, once, "as a control")
}
