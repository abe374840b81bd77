package names

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
)

// plain is the letters and digits of a name, in lower case.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// byDistance sorts names by their distance from the given one.
func byDistance(name string, all []string) []string {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b string) int { return distance(plain(name), a) - distance(plain(name), b) })
	return sorted
}

// distance is the smallest number of edits that turn name into the name test, or into some consecutive words of it.
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
