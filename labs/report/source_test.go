package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/catalog"
)

func TestSourceIsHighlighted(t *testing.T) {
	got, err := highlight("// Why.\nfunc f() { return g(\"x\", 1, nil) }\n")
	require.NoError(t, err)
	want := []token{
		{"comment", "// Why."}, {"", "\n"}, {"keyword", "func"}, {"", " "}, {"function", "f"}, {"", "() { "}, {"keyword", "return"},
		{"", " "}, {"function", "g"}, {"", "("}, {"string", `"x"`}, {"", ", "}, {"number", "1"}, {"", ", "},
		{"number", "nil"}, {"", ") }\n"},
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}

func TestHighlightingLosesNothing(t *testing.T) {
	experiments, err := catalog.Load(root)
	require.NoError(t, err)
	for _, e := range experiments {
		source, err := e.Source(root)
		require.NoError(t, err)
		tokens, err := highlight(source)
		require.NoError(t, err)
		var b strings.Builder
		for _, t := range tokens {
			b.WriteString(t.Text)
		}
		assert.Equal(t, source, b.String(), e.Name())
	}
}
