package names

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
)

// plain leaves of a name its letters and digits, in lower case.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// byDistance sorts names by how much they are like the one given, in whole or in some of their words.
func byDistance(name string, all []string) []string {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b string) int { return distance(plain(name), a) - distance(plain(name), b) })
	return sorted
}

// distance is the smallest number of edits that make name some words in a row of those in test.
func distance(name, test string) int {
	words := strings.FieldsFunc(spaced(test), unicode.IsSpace)
	least := len(name) + len(test)
	for i := range words {
		for j := i + 1; j <= len(words); j++ {
			least = min(least, levenshtein.ComputeDistance(name, plain(strings.Join(words[i:j], ""))))
		}
	}
	return least
}

// spaced puts a space before every word of a name in camel case.
func spaced(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) || r == '_' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
