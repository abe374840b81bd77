package worksheet

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
)

const starterOfTwo = `package exercise

import (
	"net"
	"time"
)

// Dial dials.
func Dial(d time.Duration) net.Conn {
	panic(notBegun)
}

// Lines counts.
type Lines struct{}

// Next is the next.
func (l *Lines) Next() int { panic(notBegun) }
`

func TestOneExerciseIsPutBack(t *testing.T) {
	const students = `package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

// mine is kept.
var mine = errors.New("mine")

// Dial dials, I think.
func Dial(d time.Duration) net.Conn {
	os.Exit(1)
	return nil
}

type Lines struct{ n int }

func (l *Lines) Next() int { l.n++; return l.n }
`
	got, err := PutBack([]byte(students), []byte(starterOfTwo), "Dial")
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(`package exercise

import (
	"errors"
	"net"
	"time"
)

// mine is kept.
var mine = errors.New("mine")

// Dial dials.
func Dial(d time.Duration) net.Conn {
	panic(notBegun)
}

type Lines struct{ n int }

func (l *Lines) Next() int { l.n++; return l.n }
`, string(got)), "(-want +got)")

	got, err = PutBack(got, []byte(starterOfTwo), "Lines")
	require.NoError(t, err)
	assert.Contains(t, string(got), "// Lines counts.\ntype Lines struct{}\n\n// Next is the next.\nfunc (l *Lines) Next() int { panic(notBegun) }\n")
	assert.NotContains(t, string(got), "l.n")
}

func TestDeletedExerciseIsPutBack(t *testing.T) {
	got, err := PutBack([]byte("package exercise\n\nfunc other() {}\n"), []byte(starterOfTwo), "Dial")
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(`package exercise

import (
	"net"
	"time"
)

func other() {}

// Dial dials.
func Dial(d time.Duration) net.Conn {
	panic(notBegun)
}
`, string(got)), "(-want +got)")
}

func TestWhatDoesNotParseIsNotPutBack(t *testing.T) {
	_, err := PutBack([]byte("package exercise\n\nfunc Dial( {\n"), []byte(starterOfTwo), "Dial")
	assert.ErrorContains(t, err, "3:")
}

// If every exercise is put back, the result is the starter.
func TestStarterIsPutBackAsItIs(t *testing.T) {
	root, err := catalog.Root(".")
	require.NoError(t, err)
	all, err := catalog.Exercises(root)
	require.NoError(t, err)
	for _, e := range all {
		starter, err := catalog.Starter(e.Lab)
		require.NoError(t, err)
		got, err := PutBack(starter, starter, e.Name)
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(string(starter), string(got)), "%s (-want +got)", e.FullName())
	}
}

// Work on an exercise changes the text of that exercise, and not the text of the others.
func TestExercisesOfAFileAreToldApart(t *testing.T) {
	const before = "package exercise\n\nimport \"net\"\n\nfunc Dial() net.Conn { return nil }\n\nfunc help() {}\n\nfunc Next() {}\n"
	const after = "package exercise\n\nimport \"os\"\n\n// Dial dials.\nfunc Dial() { os.Exit(1) }\n\nfunc help() {}\n\nfunc Next() {}\n"
	assert.Equal(t, string(Without([]byte(before), []string{"Dial"})), string(Without([]byte(after), []string{"Dial"})))
	assert.NotEqual(t, string(Without([]byte(before), []string{"Next"})), string(Without([]byte(after), []string{"Next"})))
	const broken = "package exercise\n\nfunc Dial( {\n"
	assert.Equal(t, broken, string(Without([]byte(broken), nil)))
}
