package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/studentsfolder"
)

// The folder lab04_compare/robust works in somebody else's module. The test does what its documentation says: it copies the
// folder into another module, and tests it there.
func TestRobustStandsAlone(t *testing.T) {
	skip.UnlessChecking(t, "compiles the standard library for four systems")
	module := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(module, "robust"), os.DirFS("../lab04_compare/robust")))
	// The versions are those in this machine's cache, because there may be no network.
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("..", file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(module, file), text, 0o644))
	}
	run := func(environment []string, args ...string) string {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = module
		cmd.Env = append(append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=0"), environment...)
		output, err := cmd.CombinedOutput()
		require.NoError(t, err, "%v go %v:\n%s", environment, args, output)
		return string(output)
	}
	run(nil, "mod", "edit", "-module", "example.com/yours")
	run(nil, "mod", "tidy")
	assert.NotContains(t, run(nil, "list", "-deps", "-test", "./..."), "socketlabs")
	for _, system := range []string{"linux", "darwin", "windows", "freebsd"} {
		run([]string{"GOOS=" + system}, "build", "./...")
		run([]string{"GOOS=" + system}, "vet", "./...")
	}
	assert.Contains(t, run(nil, "test", "./..."), "ok  \texample.com/yours/robust")
}

// A student's folder contains all files that are embedded into the command.
func TestStudentsGetWhatTheCommandEmbeds(t *testing.T) {
	skip.UnlessChecking(t, "lists all that is imported")
	root, err := catalog.Root(".")
	require.NoError(t, err)
	folder := t.TempDir()
	_, err = studentsfolder.Make(root, folder)
	require.NoError(t, err)

	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		`{{if not .Standard}}{{$dir := .Dir}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`, "socketlabs/labs")
	out, err := list.Output()
	require.NoError(t, err)
	ours := 0
	for name := range strings.FieldsSeq(string(out)) {
		if relative, err := filepath.Rel(root, name); err == nil && filepath.IsLocal(relative) {
			assert.FileExists(t, filepath.Join(folder, relative), "labs init leaves it out")
			ours++
		}
	}
	assert.Positive(t, ours, "the command embeds nothing")
}
