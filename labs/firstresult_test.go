package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// After a clone, all imports of the command and of a lab are compiled before the first result. Each module that is
// not the standard library needs a reason.
var (
	commandNeeds = map[string]string{
		"github.com/spf13/cobra":                "command line, help, completion",
		"github.com/spf13/pflag":                "cobra's",
		"github.com/charmbracelet/x/ansi":       "styles, wrapping",
		"github.com/clipperhouse":               "ansi's: the width of characters",
		"github.com/lucasb-eyer/go-colorful":    "ansi's",
		"github.com/mattn/go-runewidth":         "ansi's",
		"github.com/charmbracelet/colorprofile": "what a terminal can show",
		"github.com/xo/terminfo":                "colorprofile's",
		"github.com/charmbracelet/x/term":       "the size of a terminal",
		"golang.org/x/sys/unix":                 "term's",
		"github.com/agnivade/levenshtein":       "the nearest names",
		"github.com/cavaliergopher/cpio":        "the file system of the time machine's guest",
		"github.com/moby/sys/atomicwriter":      "files that are replaced whole",
		"github.com/moby/sys/sequential":        "atomicwriter's",
		"golang.org/x/sync/errgroup":            "students side by side",
		"go.yaml.in/yaml/v3":                    "Gradescope's list of submissions",
	}
	commandDoesWithout = map[string]string{
		"net/http":     "with all of TLS, the slowest of the standard library to compile",
		"encoding/gob": "messages are JSON",
		"image/png":    "pictures are SVG",
		"testing":      "go test runs the experiments",
	}
	labsNeed = map[string]string{
		"github.com/stretchr/testify":       "assertions",
		"go.yaml.in/yaml/v3":                "testify's",
		"github.com/google/go-cmp":          "differences between tables",
		"golang.org/x/sys/unix":             "socket options and system calls",
		"golang.org/x/net/bpf":              "the filter of the capture",
		"golang.org/x/net/dns/dnsmessage":   "what a name server answers",
		"github.com/vishvananda/netlink/nl": "asks the kernel for its table of sockets",
		"github.com/vishvananda/netns":      "nl's",
	}
)

func TestLittleIsCompiledBeforeFirstResult(t *testing.T) {
	skip.UnlessChecking(t, "lists all that is imported")
	for _, c := range []struct {
		name    string
		args    []string
		needs   map[string]string
		without map[string]string
	}{
		{"command", []string{"./labs"}, commandNeeds, commandDoesWithout},
		{"labs", []string{"-test", "./lab01_timeout", "./lab02_reuseaddr", "./lab03_keepalive", "./lab04_compare"}, labsNeed, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			needless := make(map[string]bool)
			for path := range c.needs {
				needless[path] = true
			}
			for _, path := range imports(t, c.args) {
				if reason, found := c.without[path]; found {
					assert.Fail(t, path+" is compiled before the first result", "it should do without: %s", reason)
				}
				if dir, _, _ := strings.Cut(path, "/"); !strings.Contains(dir, ".") {
					continue // this module, or the standard library
				}
				need := entryOf(c.needs, path)
				assert.NotEmpty(t, need, "%s is compiled before the first result: what for?", path)
				delete(needless, need)
			}
			assert.Empty(t, needless, "nothing imports this any more")
		})
	}
}

// entryOf is the path in the list that a package belongs to.
func entryOf(list map[string]string, path string) string {
	for entry := range list {
		if path == entry || strings.HasPrefix(path, entry+"/") {
			return entry
		}
	}
	return ""
}

// imports are the packages that are linked on Linux.
func imports(t *testing.T, args []string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-f", "{{.ImportPath}}"}, args...)...)
	list.Dir, list.Stderr = "..", os.Stderr
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := list.Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}
