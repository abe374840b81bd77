// Package termtest has a screen for tests.
package termtest

import (
	"os"
	"path/filepath"
	"testing"

	"socketlabs/labs/internal/term"
)

// Screen is a screen without a terminal, and a function that returns what was printed on it.
func Screen(t testing.TB) (s *term.Screen, printed func() string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	s = term.NewScreen(file, file, func(err error) { t.Error(err) })
	return s, func() string {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}
