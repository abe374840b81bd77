package progress

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

// A cache and a checkout of their own, with two exercises in a file.
func checkout(t *testing.T) (p *Progress, save func(string)) {
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
	return Of(root, []catalog.Exercise{dial, next}), save
}

const dial, next = "lab01_timeout/Dial", "lab01_timeout/Next"

func TestWhatHasPassedIsKnownUntilItChanges(t *testing.T) {
	p, save := checkout(t)
	states := func() [2]string { known := p.Known(); return [2]string{known[dial], known[next]} }
	assert.Equal(t, [2]string{Begun, Begun}, states())
	p.Note(p.all[0], true, p.Sum(p.all[0]))
	assert.Equal(t, [2]string{Passed, Begun}, states())

	save(strings.Replace(text, "help() }", "help(); help() }", 1))
	assert.Equal(t, [2]string{Passed, Begun}, states(), "another exercise has changed")
	save(strings.Replace(text, "return nil", "panic(1)", 1))
	assert.Equal(t, [2]string{Changed, Begun}, states())
	save(strings.Replace(text, "help() {}", "help() { panic(1) }", 1))
	assert.Equal(t, [2]string{Changed, Begun}, states(), "what both may use has changed")
	save(text)
	assert.Equal(t, [2]string{Passed, Begun}, states())

	p.Note(p.all[0], false, p.Sum(p.all[0]))
	assert.Equal(t, [2]string{Begun, Begun}, states(), "it fails by now")
}

func TestOldSuccessOutlivesANewFailure(t *testing.T) {
	p, save := checkout(t)
	p.Note(p.all[0], true, p.Sum(p.all[0]))
	save(strings.Replace(text, "return nil", "panic(1)", 1))
	p.Note(p.all[0], false, p.Sum(p.all[0]))
	assert.Equal(t, Changed, p.Known()[dial])
	save(text)
	assert.Equal(t, Passed, p.Known()[dial])
}

// What can't be kept, or read, is only not known.
func TestProgressCanBeLost(t *testing.T) {
	p, _ := checkout(t)
	file, err := p.file()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	for _, text := range []string{"", "null", "[1", `{"x": 1}`} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		assert.Equal(t, Begun, p.Known()[dial], text)
	}
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, "")
	}
	p.Note(p.all[0], true, "sum")
	assert.Equal(t, Begun, p.Known()[dial])
}
