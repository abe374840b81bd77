// Package skip is how tests are skipped: each names what it needs, as an attribute that go test -json prints as data.
// .ci/skips compares the names with a list, so that nothing is skipped unnoticed.
package skip

import (
	"os"
	"testing"
)

// Attribute is the key of the attribute that names what a test needs. In a skipped test, the last one names what is
// missing.
const Attribute = "needs"

// Between separates several names.
const Between = ", "

// Needs skips a test that needs something that is not here. The rest of the line says why, and what would help.
func Needs(t testing.TB, name, why string) {
	t.Helper()
	t.Attr(Attribute, name)
	t.Skipf("needs %s: %s", name, why)
}

// UnlessChecking skips a test that takes too long for "go test ./...". What it does completes the sentence "it …".
func UnlessChecking(t testing.TB, does string) {
	t.Helper()
	if os.Getenv("LABS_CHECK") != "on" {
		Needs(t, "make check", "it "+does)
	}
}

// UnlessSelf returns the path of this test binary, for tests that run it in a process of its own. Linux knows it by /proc.
func UnlessSelf(t testing.TB) (path string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		Needs(t, "Proc", err.Error()+"; mount /proc")
	}
	return path
}
