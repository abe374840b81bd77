package live

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
)

// printed is the output of a test binary with -test.v=test2json: a subtest that passes, and one that fails in the middle of a
// line.
var printed = strings.Join([]string{
	"\x16=== RUN   TestX",
	"\x16=== ATTR  TestX needs Linux",
	"\x16=== RUN   TestX/a_part",
	attr("TestX/a_part", story.Event{Lane: story.Client, Kind: story.Outcome, Text: "Read: EOF"}),
	"\x16=== RUN   TestX/another",
	"    x_test.go:1: it should be so",
	"no end of line\x16--- FAIL: TestX (1.50s)",
	"    \x16--- PASS: TestX/a_part (1.00s)",
	"    \x16--- FAIL: TestX/another (0.50s)",
	"\x16FAIL", "",
}, "\n")

func attr(test string, e story.Event) string {
	a := e.Encode()[0]
	return "\x16=== ATTR  " + test + " " + a[0] + " " + a[1]
}

// The result is the same wherever the output is cut.
func TestRunIsFollowedAsItComes(t *testing.T) {
	for _, size := range []int{1, 7, len(printed)} {
		r := Run{Lab: "lab01_timeout"}
		drawn := 0
		for rest := printed; rest != ""; {
			n := min(size, len(rest))
			r.Take(rest[:n])
			rest = rest[n:]
			for _, s := range r.Shown() {
				if s.Picture != "" {
					drawn++
					assert.Equal(t, "TestX/a_part", s.Test)
					assert.Contains(t, s.Picture, "Read: EOF")
				}
			}
		}
		assert.Equal(t, 1, drawn, "a picture is given when something has happened, and not again")
		all := r.Shown()
		require.Len(t, all, 3)
		assert.Equal(t, gotest.Fail, all[0].Result)
		assert.Equal(t, "1.5 s", all[0].Took)
		assert.Equal(t, "Linux", all[0].Told["needs"])
		assert.Equal(t, gotest.Pass, all[1].Result)
		assert.Equal(t, gotest.Fail, all[2].Result)
		assert.Contains(t, all[2].Says, "it should be so")
		assert.Contains(t, all[2].Says, "no end of line")
	}
}

// Output that is not an event does no harm.
func TestAnythingMayBePrinted(t *testing.T) {
	r := Run{Lab: "lab01_timeout"}
	r.Take("\x16=== ATTR  TestX story {\n\x16=== \n\x16--- PASS: \n\x16\n=== RUN   TestY\n\x16=== ATTR  TestX story\n\x00\xff\n")
	for _, s := range r.Shown() {
		assert.NotEqual(t, gotest.Pass, s.Result)
		assert.Empty(t, s.Picture)
	}
}
