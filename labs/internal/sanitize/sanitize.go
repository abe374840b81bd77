// Package sanitize makes text that a stranger wrote harmless wherever it is shown: on a terminal, in the log of a CI runner, in
// a browser. It replaces a character that can't be shown by its number: ESC becomes \x1b.
package sanitize

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is kept of a text. The process of a student may send a text of a megabyte, for each exercise.
const (
	longest   = 1000     // characters of a line
	mostLines = 500      // lines
	most      = 32 << 10 // bytes of these lines, except the last one
	mostMarks = 4        // marks on a letter: more of them cover the lines above and below
)

// In makes all strings in a value harmless. The value is a pointer.
func In(value any) { in(reflect.ValueOf(value)) }

func in(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			in(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			in(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			in(v.Index(i))
		}
	case reflect.String:
		v.SetString(Text(v.String()))
	}
}

// Text is a text, made harmless. It may have several lines.
func Text(text string) string {
	var plain strings.Builder
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		if n++; n > mostLines || plain.Len() > most {
			fmt.Fprintf(&plain, "… (%d lines in all)\n", 1+strings.Count(text, "\n"))
			break
		}
		plain.WriteString(plainLine(line) + "\n")
	}
	return strings.TrimSuffix(plain.String(), "\n")
}

func plainLine(line string) string {
	var plain strings.Builder
	rest := strings.TrimSuffix(line, "\r")
	marks := 0
	for n := 0; rest != "" && n < longest; n++ {
		r, size := utf8.DecodeRuneInString(rest)
		if marks++; !unicode.IsMark(r) {
			marks = 0
		}
		if marks > mostMarks {
			plain.WriteString(number(r))
		} else {
			plain.WriteString(shown(r, rest[:size]))
		}
		rest = rest[size:]
	}
	if rest != "" {
		fmt.Fprintf(&plain, " … (%d bytes in all)", len(line))
	}
	return disarmed(plain.String())
}

// shown is a character, or its number if the character is invisible, moves the cursor, or changes the direction of the text.
func shown(r rune, encoded string) string {
	switch {
	case r == utf8.RuneError && len(encoded) == 1:
		return fmt.Sprintf(`\x%02x`, encoded[0])
	case r == '\t' || isVisible(r):
		return encoded
	default:
		return number(r)
	}
}

// isVisible reports whether a character shows something. [unicode.IsPrint] also accepts letters and marks that are made to show
// nothing, in which a whole text can be hidden.
func isVisible(r rune) bool {
	const emptyBraille = '\u2800'
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != emptyBraille
}

// number is the number of a character, as Go writes it.
func number(r rune) string {
	switch {
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}

// Some lines of a log are commands to the runner: "::add-mask::x" to GitHub's, even after spaces; "##[group]x", "##vso[…]x" and
// "##teamcity[…]" to others.
var (
	command = regexp.MustCompile(`::([A-Za-z][A-Za-z-]*(?:\s.*)?::)`)
	hashes  = regexp.MustCompile(`##([A-Za-z]*\[)`)
)

// disarmed is a line without commands, even if it is wrapped anywhere.
func disarmed(line string) string {
	return hashes.ReplaceAllString(command.ReplaceAllString(line, ": :$1"), "# #$1")
}
