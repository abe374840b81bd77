// Package sentence makes sentences of titles and questions, which don't begin with a capital letter in the comments.
package sentence

import (
	"strings"
	"unicode/utf8"
)

// Begin is the text with a capital first letter, unless its first word is code: http.Get, tcp_tw_reuse, poll(2).
func Begin(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if strings.ContainsAny(strings.TrimRight(word, ".,:;?"), "._(/") {
		return text
	}
	_, size := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:size]) + text[size:]
}

// Whole is the text as a sentence: Begin, with one full stop at the end.
func Whole(text string) string { return Begin(strings.TrimSuffix(text, ".")) + "." }
