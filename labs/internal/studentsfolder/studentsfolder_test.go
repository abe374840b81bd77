package studentsfolder

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
)

// What is embedded into the command has to come along with it.
func TestStudentsGetWhatTheCommandEmbeds(t *testing.T) {
	root, err := catalog.Root(".")
	require.NoError(t, err)
	files, err := studentsFiles(root)
	require.NoError(t, err)

	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		`{{if not .Standard}}{{$dir := .Dir}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`, "socketlabs/labs")
	out, err := list.Output()
	require.NoError(t, err)
	ours := 0
	for name := range strings.FieldsSeq(string(out)) {
		if relative, err := filepath.Rel(root, name); err == nil && filepath.IsLocal(relative) {
			assert.True(t, slices.Contains(files, filepath.ToSlash(relative)), "labs init leaves %s out", relative)
			ours++
		}
	}
	assert.Positive(t, ours, "the command embeds nothing")
}
