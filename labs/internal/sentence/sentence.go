// Package sentence makes sentences of titles and questions, which begin in the middle of one, and finds the first of a text.
package sentence

import (
	"strings"
	"unicode/utf8"
)

// Begin is the text with a capital letter to begin with. Code stays as it is: http.Get, tcp_tw_reuse, poll(2).
func Begin(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if strings.ContainsAny(strings.TrimRight(word, ".,:;?"), "._(/") {
		return text
	}
	_, size := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:size]) + text[size:]
}

// Whole is the text as a sentence: it begins as Begin has it, and ends with one full stop.
func Whole(text string) string { return Begin(strings.TrimSuffix(text, ".")) + "." }

// First is the first sentence of the text.
func First(text string) string {
	first, _, isCut := strings.Cut(text, ". ")
	if isCut {
		first += "."
	}
	return first
}
