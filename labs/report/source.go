package report

import (
	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// token is a stretch of source of one kind. Class is empty for what is not highlighted.
type token struct{ Class, Text string }

// classes are few, so that code is read and not looked at.
var classes = []struct {
	of    func(chroma.TokenType) bool
	class string
}{
	{func(t chroma.TokenType) bool { return t.InCategory(chroma.Comment) }, "comment"},
	{func(t chroma.TokenType) bool { return t.InSubCategory(chroma.LiteralString) }, "string"},
	{func(t chroma.TokenType) bool { return t.InSubCategory(chroma.LiteralNumber) }, "number"},
	{func(t chroma.TokenType) bool { return t == chroma.KeywordConstant }, "number"},
	{func(t chroma.TokenType) bool { return t.InCategory(chroma.Keyword) }, "keyword"},
	{func(t chroma.TokenType) bool { return t == chroma.NameFunction }, "function"},
}

// highlight cuts Go into tokens.
func highlight(source string) ([]token, error) {
	found, err := lexers.Get("go").Tokenise(nil, source)
	if err != nil {
		return nil, err
	}
	var tokens []token
	for t := range found.Stdlib() {
		class := classOf(t.Type)
		if last := len(tokens) - 1; last >= 0 && tokens[last].Class == class {
			tokens[last].Text += t.Value
			continue
		}
		tokens = append(tokens, token{class, t.Value})
	}
	return tokens, nil
}

func classOf(t chroma.TokenType) string {
	for _, c := range classes {
		if c.of(t) {
			return c.class
		}
	}
	return ""
}
