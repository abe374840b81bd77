package pauses

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
)

// pause makes a function of Go's library wait until a time, if that is less than 0.75 s away. Timeouts of a second or more
// outlast the pauses of a busy machine.
const pause = "\n\tif left := time.Until(%s); left > 0 && left < 750*time.Millisecond {\n\t\ttime.Sleep(left)\n\t}"

// pausing are the functions that set a timeout: their files in Go's library, their first lines, and the parameter that has
// the time.
var pausing = []struct{ file, first, parameter string }{
	{"net/net.go", "func (c *conn) SetDeadline(t time.Time) error {", "t"},
	{"net/net.go", "func (c *conn) SetReadDeadline(t time.Time) error {", "t"},
	{"net/net.go", "func (c *conn) SetWriteDeadline(t time.Time) error {", "t"},
	{"context/context.go", "func WithDeadlineCause(parent Context, d time.Time, cause error) (Context, CancelFunc) {", "d"},
}

// tooQuick are the experiments that show what a timeout of a quarter of a second does. With a longer one, they would show
// something else.
const tooQuick = "^TestOtherFamilyIsDialedAfterDelay$"

func TestPauseBeforeACallDecidesNothing(t *testing.T) {
	skip.UnlessChecking(t, "compiles Go's network packages again, with a pause in them")
	root, err := catalog.Root(".")
	require.NoError(t, err)
	args := []string{"-overlay=" + overlay(t), "-count=1", "-skip=" + tooQuick, "./lab01_timeout", "./lab02_reuseaddr", "./lab03_keepalive", "./lab04_compare"}
	passed := 0
	said := make(map[string]string) // what each test or package has printed
	err = gotest.Do(t.Context(), root, args, func(e gotest.Event) {
		of := e.Package + " " + e.Test
		said[of] += e.Output
		switch e.Action {
		case gotest.Pass:
			passed++
			delete(said, of)
		case gotest.Fail:
			t.Errorf("%s should not depend on how soon a call begins:\n%s", of, said[of])
		}
	})
	assert.NoError(t, err)
	assert.Greater(t, passed, 100)
}

// overlay writes a file for go's flag -overlay, with which the functions pause.
func overlay(t *testing.T) (file string) {
	library, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir := t.TempDir()
	replace := make(map[string]string)
	for _, f := range pausing {
		path := filepath.Join(strings.TrimSpace(string(library)), "src", filepath.FromSlash(f.file))
		from := cmp.Or(replace[path], path)
		text, err := os.ReadFile(from)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(text), f.first), "%s should have this line once: %s", f.file, f.first)
		replace[path] = filepath.Join(dir, filepath.Base(f.file))
		changed := strings.Replace(string(text), f.first, f.first+fmt.Sprintf(pause, f.parameter), 1)
		require.NoError(t, os.WriteFile(replace[path], []byte(changed), 0o666))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	file = filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, text, 0o666))
	return file
}
