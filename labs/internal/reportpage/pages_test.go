package reportpage_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// pageOfAll has the command run all experiments, and returns where the page about them is.
func pageOfAll(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	command := exec.CommandContext(t.Context(), "go", "run", "./labs", "report", "-o", path)
	command.Dir = filepath.Join("..", "..", "..")
	said, err := command.CombinedOutput()
	if err != nil {
		t.Logf("labs report: %v\n%s", err, said) // an experiment that fails has its place on the page, too
	}
	require.FileExists(t, path)
	return fileURL(t, path)
}
