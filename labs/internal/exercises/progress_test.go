package exercises

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
)

const text = `package exercise

import "net"

func Dial() net.Conn { return nil }

func help() {}

func Next() { help() }
`

// checkout makes a cache and a checkout for a test, with two exercises in a file.
func checkout(t *testing.T) (p *progress, save func(string)) {
	t.Helper()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, t.TempDir())
	}
	root := t.TempDir()
	save = func(text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(filepath.Join(root, "exercise.go"), []byte(text), 0o666))
	}
	save(text)
	e := catalog.Exercise{Lab: "lab01_timeout", Begun: true, File: "exercise.go"}
	dial, next := e, e
	dial.Name, next.Name = "Dial", "Next"
	return progressOf(root, []catalog.Exercise{dial, next}), save
}

const dial, next = "lab01_timeout/Dial", "lab01_timeout/Next"

func TestWhatHasPassedIsKnownUntilItChanges(t *testing.T) {
	p, save := checkout(t)
	states := func() [2]string { known := p.states(); return [2]string{known[dial], known[next]} }
	assert.Equal(t, [2]string{stateBegun, stateBegun}, states())
	p.note(p.all[0], true, p.sum(p.all[0]))
	assert.Equal(t, [2]string{statePassed, stateBegun}, states())

	save(strings.Replace(text, "help() }", "help(); help() }", 1))
	assert.Equal(t, [2]string{statePassed, stateBegun}, states(), "another exercise has changed")
	save(strings.Replace(text, "return nil", "panic(1)", 1))
	assert.Equal(t, [2]string{stateChanged, stateBegun}, states())
	save(strings.Replace(text, "help() {}", "help() { panic(1) }", 1))
	assert.Equal(t, [2]string{stateChanged, stateBegun}, states(), "what both may use has changed")
	save(text)
	assert.Equal(t, [2]string{statePassed, stateBegun}, states())

	p.note(p.all[0], false, p.sum(p.all[0]))
	assert.Equal(t, [2]string{stateBegun, stateBegun}, states(), "it fails by now")
}

func TestOldSuccessOutlivesANewFailure(t *testing.T) {
	p, save := checkout(t)
	p.note(p.all[0], true, p.sum(p.all[0]))
	save(strings.Replace(text, "return nil", "panic(1)", 1))
	p.note(p.all[0], false, p.sum(p.all[0]))
	assert.Equal(t, stateChanged, p.states()[dial])
	save(text)
	assert.Equal(t, statePassed, p.states()[dial])
}

// If the progress can't be written or read, it is only unknown.
func TestProgressCanBeLost(t *testing.T) {
	p, _ := checkout(t)
	file, err := p.file()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	for _, text := range []string{"", "null", "[1", `{"x": 1}`} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		assert.Equal(t, stateBegun, p.states()[dial], text)
	}
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, "")
	}
	p.note(p.all[0], true, p.sum(p.all[0]))
	assert.Equal(t, stateBegun, progressOf(p.root, p.all).states()[dial])
	assert.Equal(t, statePassed, p.states()[dial], "labs watch remembers it until it ends")
}
