package display

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
)

// A paragraph of a comment stays a paragraph when it is wrapped: no short line is in its middle.
func TestCommentsAreWrappedByParagraphs(t *testing.T) {
	const source = `// TestX: a read from a silent peer returns when its deadline has passed, and not before. Its error
// means only that.
//
//   - first: the peer gets all of the data, in order: nothing is lost. The caller's data does not change, and neither
//     does what is behind it.
//   - second: short.
//
// Claim: one that is so long that the line is full, and the next line nevertheless begins a paragraph of its own.
// Verdict: holds.
func TestX() {
	// The comment in a function is wide, too, and so it is wrapped in the same way, with its marks and its
	// indentation.
	x()
}
`
	const want = `// TestX: a read from a silent peer returns when its
// deadline has passed, and not before. Its error means only
// that.
//
//   - first: the peer gets all of the data, in order:
//     nothing is lost. The caller's data does not change,
//     and neither does what is behind it.
//   - second: short.
//
// Claim: one that is so long that the line is full, and the
// next line nevertheless begins a paragraph of its own.
// Verdict: holds.
func TestX() {
	// The comment in a function is wide, too, and so it is
	// wrapped in the same way, with its marks and its
	// indentation.
	x()
}
`
	got := wrapComments(source, 60)
	assert.Empty(t, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")), "(-want +got)")
	assert.Equal(t, source, wrapComments(source, 120), "what fits stays as it is")
}
