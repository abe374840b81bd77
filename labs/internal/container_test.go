package internal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The development container has the Go version of go.mod, and the other programs that the labs can use.
func TestContainerHasOurGo(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		require.NoError(t, err)
		return string(text)
	}
	ours := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read("go.mod"))
	require.NotNil(t, ours)
	docker := read(".devcontainer/Dockerfile")
	assert.Contains(t, docker, "FROM golang:"+ours[1]+"-")
	for _, program := range []string{"qemu-system-x86", "qemu-system-arm", "tshark", "python3"} {
		assert.Contains(t, docker, program)
	}
	var container struct {
		Build struct{ Dockerfile string }
	}
	require.NoError(t, json.Unmarshal([]byte(read(".devcontainer/devcontainer.json")), &container))
	assert.Equal(t, "Dockerfile", container.Build.Dockerfile)
}
