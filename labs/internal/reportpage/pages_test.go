package reportpage_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// pageOfAll makes the command run all experiments, and returns the path of the page about them.
func pageOfAll(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	command := exec.CommandContext(t.Context(), "go", "run", "./labs", "report", "-o", path)
	command.Dir = filepath.Join("..", "..", "..")
	said, err := command.CombinedOutput()
	if err != nil {
		t.Logf("labs report: %v\n%s", err, said) // the page also shows experiments that fail
	}
	require.FileExists(t, path)
	return fileURL(t, path)
}
