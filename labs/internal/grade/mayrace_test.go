package grade

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDetectorLooksAtWhatCanRace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "exercise.go")
	for code, want := range map[string]bool{
		`func X() { y() }; func y() { const n = 1; for range n { print() } }`:              false,
		`func X(e error) { var errno unix.Errno; errors.As(e, &errno) }; var other = 1`:    false,
		`func X() { y() }; func y() { z() }; func z() { go print() }`:                      true,
		`func X() { context.AfterFunc(ctx, f) }`:                                           true,
		`func X() { var all sync.WaitGroup; all.Go(f) }`:                                   true,
		`func X() { n++ }; var n int`:                                                      true,
		`func X() { y{}.z() }; type y struct{}; func (y) z() {}`:                           true,
		`type X[T any] struct{ n int }; func (x *X[T]) Close() {}`:                         true,
		`func X() { y := new(z); y.n++ }; type z struct{ n int }; const c = 1; type w int`: false,
		`func X() {`: true, // whatever it is
	} {
		require.NoError(t, os.WriteFile(file, []byte("package exercise\n"+code), 0o666))
		assert.Equal(t, want, MayRace(file, "X"), code)
	}
}
