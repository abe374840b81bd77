// Package skip skips tests. Each skipped test names what it needs in an attribute, which go test -json prints as data.
// .ci/skips compares these names with a list, so that no skipped test goes unnoticed.
package skip

import (
	"os"
	"testing"
)

// Attribute is the key of the attribute that names what a test needs. In a skipped test, the last such attribute names
// what is missing.
const Attribute = "needs"

// Between separates the names, if a test needs several things.
const Between = ", "

// Needs skips a test, because something that it needs is missing. The text of why gives the reason, and says what would help.
func Needs(t testing.TB, name, why string) {
	t.Helper()
	t.Attr(Attribute, name)
	t.Skipf("needs %s: %s", name, why)
}

// UnlessChecking skips a test that takes too long for "go test ./...". The argument names what the test does, such as
// "starts Python". It completes the sentence "it …" in the reason for the skip.
func UnlessChecking(t testing.TB, does string) {
	t.Helper()
	if os.Getenv("LABS_CHECK") != "on" {
		Needs(t, "make check", "it "+does)
	}
}

// UnlessSelf returns the path of this test binary, for tests that run it in a process of its own. On Linux, the path
// comes from /proc; UnlessSelf skips the test if /proc is not mounted.
func UnlessSelf(t testing.TB) (path string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		Needs(t, "Proc", err.Error()+"; mount /proc")
	}
	return path
}
