//go:build unix

package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// The site is shown until ^C: then its server is gone, too.
func TestSiteIsShownUntilInterrupt(t *testing.T) {
	skip.UnlessChecking(t, "writes the site, and shows it")
	kept := t.TempDir()
	passed := filepath.Join(kept, "lab03_keepalive", "TestVanishedPeerOnTheWire", "outcome.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(passed), 0o777))
	require.NoError(t, os.WriteFile(passed, []byte(`{"result": "pass"}`), 0o666))
	compiled, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	require.NoError(t, err)

	cmd, temporary := commandIn(t, "..", "site", "--serve", "--from", kept)
	cmd.Env = append(cmd.Env, "GOCACHE="+strings.TrimSpace(string(compiled)), "HOME="+t.TempDir(), "XDG_CACHE_HOME=") // where no machine is
	address := ""
	interruptWhen(t, cmd, temporary, syscall.SIGINT, func(said string) bool {
		address = regexp.MustCompile(`(?m)^http://127\.0\.0\.1:\d+/$`).FindString(said)
		return address != "" && strings.Contains(get(t, address+"lab03_keepalive/TestVanishedPeerOnTheWire.html"), "✓ passed")
	})
	_, err = http.Get(address)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED, "the server should be gone")
}

func get(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get(address)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}
