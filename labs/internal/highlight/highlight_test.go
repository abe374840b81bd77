package highlight

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClasses(t *testing.T) {
	got := Go("// Why.\nfunc (c call) f() { return g(\"x\", '\\n', 1.5, nil, (c)) } /* end */\n")
	want := []Token{
		{Comment, "// Why."}, {"", "\n"}, {Keyword, "func"}, {"", " (c call) "}, {Function, "f"}, {"", "() { "}, {Keyword, "return"},
		{"", " "}, {Function, "g"}, {"", "("}, {String, `"x"`}, {"", ", "}, {String, `'\n'`}, {"", ", "}, {Number, "1.5"}, {"", ", "},
		{Number, "nil"}, {"", ", (c)) } "}, {Comment, "/* end */"}, {"", "\n"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNothingIsLost(t *testing.T) {
	sources := []string{"", "\n", "f", "x := `a\r\nb`\r\n", "\ufeffpackage p", "\"no end\n", "/* no end", "'", "f \x00 \xff(", "#!$ ä(ö)"}
	for _, pattern := range []string{"../../../lab*/*.go", "../*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s are %v, %v", pattern, files, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, string(source))
		}
	}
	for _, source := range sources {
		var b strings.Builder
		for _, token := range Go(source) {
			if token.Text == "" {
				t.Errorf("a token of %q is empty", source)
			}
			b.WriteString(token.Text)
		}
		if diff := cmp.Diff(source, b.String()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}
