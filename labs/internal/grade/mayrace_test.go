package grade

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
)

func TestDetectorLooksAtWhatCanRace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "exercise.go")
	for code, want := range map[string]bool{
		`import . "time"; func X() { AfterFunc(0, f) }`:                                    true,
		`func X() { y() }; func y() { const n = 1; for range n { print() } }`:              false,
		`func X(e error) { var errno unix.Errno; errors.As(e, &errno) }; var other = 1`:    false,
		`func X() { y() }; func y() { z() }; func z() { go print() }`:                      true,
		`func X() { context.AfterFunc(ctx, f) }`:                                           true,
		`func X() { var all sync.WaitGroup; all.Go(f) }`:                                   true,
		`func X() { n++ }; var n int`:                                                      true,
		`func X() { y{}.z() }; type y struct{}; func (y) z() {}`:                           true,
		`type X[T any] struct{ n int }; func (x *X[T]) Close() {}`:                         true,
		`func X() { y := new(z); y.n++ }; type z struct{ n int }; const c = 1; type w int`: false,
		`import "net"; func X() { net.DefaultResolver.PreferGo = true }`:                   true,
		`import r "math/rand/v2"; func X() { r.All[0]++ }`:                                 true,
		`import "net/http"; func X() { (*http.DefaultTransport.(*t)).Timeout, _ = f() }`:   true,
		`import "net"; func X() { d := net.Dialer{}; d.Timeout, n := 1, 2 }`:               false,
		`func X() {`: true, // whatever it is
	} {
		require.NoError(t, os.WriteFile(file, []byte("package exercise\n"+code), 0o666))
		assert.Equal(t, want, MayRace(file, "X"), code)
	}
}

// A chain of functions, as long as a student's file may be, does not use up the memory of the command that grades.
func TestLongChainOfFunctionsIsFollowed(t *testing.T) {
	const links, steps = 5000, 165
	code := []byte("package exercise\n")
	for i := range links {
		code = fmt.Appendf(code, "func x%d() bool { return %sx%d() }\n", i, strings.Repeat("!", steps), i+1)
	}
	require.LessOrEqual(t, len(code), catalog.MostSource)
	file := filepath.Join(t.TempDir(), "exercise.go")
	for end, want := range map[string]bool{"": false, "go print();": true} {
		text := fmt.Appendf(code, "func x%d() bool { %s return true }", links, end)
		require.NoError(t, os.WriteFile(file, text, 0o666))
		assert.Equal(t, want, MayRace(file, "x0"))
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	assert.Less(t, memory.StackSys, uint64(100<<20))
}
