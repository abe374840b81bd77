package highlight

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClasses(t *testing.T) {
	got := Go("// Why.\nfunc (c call) f() { return g(\"x\", '\\n', 1.5, nil, (c)) } /* end */\n")
	want := []Token{
		{Comment, "// Why."}, {"", "\n"}, {Keyword, "func"}, {"", " (c call) "}, {Function, "f"}, {"", "() { "}, {Keyword, "return"},
		{"", " "}, {Function, "g"}, {"", "("}, {String, `"x"`}, {"", ", "}, {String, `'\n'`}, {"", ", "}, {Number, "1.5"}, {"", ", "},
		{Number, "nil"}, {"", ", (c)) } "}, {Comment, "/* end */"}, {"", "\n"},
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}

func TestNothingIsLost(t *testing.T) {
	sources := []string{"", "\n", "f", "x := `a\r\nb`\r\n", "\ufeffpackage p", "\"no end\n", "/* no end", "'", "f \x00 \xff(", "#!$ ä(ö)"}
	labs, err := filepath.Glob("../../../lab*/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, labs)
	command, err := filepath.Glob("../*/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, command)
	for _, file := range append(labs, command...) {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		sources = append(sources, string(source))
	}
	for _, source := range sources {
		var b strings.Builder
		for _, token := range Go(source) {
			assert.NotEmpty(t, token.Text)
			b.WriteString(token.Text)
		}
		assert.Equal(t, source, b.String())
	}
}
