package grade

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
)

const fileOfLab1 = "lab01_timeout/exercise/exercise.go"

// If the student's file is not text, the error names that file, whatever the go command would say.
func TestFileThatIsNoTextIsNamed(t *testing.T) {
	starter, err := catalog.Starter("lab01_timeout")
	require.NoError(t, err)
	starter = slices.Clip(starter)
	utf16 := []byte{0xff, 0xfe}
	for _, letter := range string(starter) {
		utf16 = append(utf16, byte(letter), 0)
	}
	lines := bytes.Count(starter, []byte("\n"))
	for _, is := range []struct {
		text []byte
		line int
	}{
		{utf16, 1},
		{utf16[2:], 1}, // without a byte order mark
		{append([]byte{0}, starter...), 1},
		{append(starter, 0), lines + 1},
		{append(starter, "// \xe4\n"...), lines + 1},
	} {
		folder := t.TempDir()
		writeStudent(t, folder, string(is.text))
		_, err := handedIn(folder, fileOfLab1)
		assert.Equal(t, &notTaken{report.Failed, fmt.Sprintf("exercise.go:%d: this is not UTF-8 text; save it as UTF-8", is.line)}, err)
	}
}

func TestHugeFileIsNotTaken(t *testing.T) {
	folder := t.TempDir()
	writeStudent(t, folder, "package exercise\n//"+strings.Repeat("x", catalog.MostSource))
	_, err := handedIn(folder, fileOfLab1)
	assert.Equal(t, &notTaken{report.Failed, "the file is larger than 1 MiB"}, err)
}

// Code that hides its data races from the detector is not taken. Comments that only look like it are.
func TestDirectivesThatHideRacesAreNotTaken(t *testing.T) {
	for text, directive := range map[string]string{
		"package exercise\n\n//go:norace\nfunc x() {}\n":                "exercise.go:3: this directive hides data races; leave it out: //go:norace",
		"//go:build linux && !race\n\npackage exercise\n":               "exercise.go:1: this directive hides data races; leave it out: //go:build linux && !race",
		"//go:build !cgo\n\npackage exercise\n":                         "exercise.go:1: this directive hides data races; leave it out: //go:build !cgo",
		"package exercise\n//line given_linux.go:1\nfunc x() {}\n":      "exercise.go:2: this directive hides data races; leave it out: //line given_linux.go:1",
		"package exercise\nfunc x() {} /*line begin.go:1:2*/\n":         "exercise.go:2: this directive hides data races; leave it out: /*line begin.go:1:2*/",
		"\ufeff \t//go:build\u00a0!race\n\npackage exercise\n":          "exercise.go:1: this directive hides data races; leave it out: \ufeff \t//go:build\u00a0!race",
		"package exercise\nfunc x() {} /*line a*b\nc.go:1*/\n":          "exercise.go:2: this directive hides data races; leave it out: /*line a*b\nc.go:1*/",
		"//go:build linux\n\npackage exercise\n\n//line by line\n":      "",
		"package exercise\n\n// no //go:norace, and no race\n":          "",
		"package exercise\n\n/* a line */ // see //line x.go:1 there\n": "",
	} {
		folder := t.TempDir()
		writeStudent(t, folder, text)
		_, err := handedIn(folder, fileOfLab1)
		if directive == "" {
			assert.NoError(t, err, text)
		} else {
			assert.Equal(t, &notTaken{report.Failed, directive}, err, text)
		}
	}
}

// A link to another student's work, or to the model solution, is not followed, wherever in the path it is.
func TestLinksAreNotFollowed(t *testing.T) {
	neighbor := t.TempDir()
	writeStudent(t, neighbor, "package exercise")
	text, err := handedIn(neighbor, fileOfLab1)
	require.NoError(t, err, "as a control")
	assert.Equal(t, "package exercise", string(text))
	for linked := fileOfLab1; linked != "."; linked = filepath.Dir(linked) {
		for _, target := range []string{filepath.Join(neighbor, linked), "beside"} {
			folder := t.TempDir()
			require.NoError(t, os.MkdirAll(filepath.Join(folder, filepath.Dir(linked)), 0o777))
			require.NoError(t, os.CopyFS(filepath.Join(folder, filepath.Dir(linked), "beside"), os.DirFS(filepath.Join(neighbor, filepath.Dir(linked)))))
			if err := os.Symlink(target, filepath.Join(folder, linked)); err != nil {
				t.Skip(err)
			}
			_, err := handedIn(folder, fileOfLab1)
			var not *notTaken
			if assert.ErrorAs(t, err, &not, "%s -> %s", linked, target) {
				assert.Equal(t, report.NotBegun, not.result)
				assert.Equal(t, "there is no "+fileOfLab1+" of its own: links and special files are not read", not.why)
			}
		}
	}
}
