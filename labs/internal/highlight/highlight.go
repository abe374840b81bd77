// Package highlight finds the classes of words in Go source, for syntax highlighting.
package highlight

import (
	"go/scanner"
	"go/token"
	"strings"
)

// Class is a kind of words. It is empty for text that is not highlighted.
type Class string

// The classes are few, so that colors don't distract from the code.
const (
	Comment  Class = "comment"
	Keyword  Class = "keyword"
	String   Class = "string"
	Number   Class = "number"
	Function Class = "function" // where it is declared or called
)

// Token is a stretch of source of one class.
type Token struct {
	Class Class
	Text  string
}

// Go splits source into tokens. Together they are the whole source, even if it does not compile.
func Go(source string) []Token {
	file := token.NewFileSet().AddFile("", -1, len(source))
	var words scanner.Scanner
	words.Init(file, []byte(source), nil, scanner.ScanComments)

	var tokens []Token
	end := 0 // of the last token
	add := func(class Class, from, to int) {
		if last := len(tokens) - 1; last >= 0 && class == Comment && tokens[last].Class == Comment && strings.TrimSpace(source[end:from]) == "" {
			tokens[last].Text += source[end:to] // lines of one comment
			end = to
			return
		}
		if from > end {
			tokens = append(tokens, Token{Text: source[end:from]})
		}
		if to > from {
			tokens = append(tokens, Token{class, source[from:to]})
		}
		end = to
	}
	var name struct{ from, to int } // the identifier directly before
	for {
		pos, word, text := words.Scan()
		from := file.Offset(pos)
		to := from + len(text)
		class := classOf(word, text)
		switch {
		case word == token.EOF:
			add("", len(source), len(source))
			return tokens
		case word == token.LPAREN && name.to > end:
			add(Function, name.from, name.to)
		case class != "":
			add(class, from, to)
		}
		name.from, name.to = 0, 0
		if word == token.IDENT {
			name.from, name.to = from, to
		}
	}
}

func classOf(word token.Token, text string) Class {
	switch {
	case word == token.COMMENT:
		return Comment
	case word == token.STRING || word == token.CHAR:
		return String
	case word == token.INT || word == token.FLOAT || word == token.IMAG:
		return Number
	case word.IsKeyword():
		return Keyword
	case text == "nil" || text == "true" || text == "false" || text == "iota":
		return Number
	}
	return ""
}
