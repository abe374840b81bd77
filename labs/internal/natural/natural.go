// Package natural compares names with numbers as people do: 6.1 comes before 6.12, and 9 before 10.
package natural

import "strings"

// Compare is negative if a comes before b, and positive if it comes after.
func Compare(a, b string) int {
	for a != "" && b != "" {
		digitsA, digitsB := leadingDigits(a), leadingDigits(b)
		if digitsA > 0 && digitsB > 0 {
			if digitsA != digitsB {
				return digitsA - digitsB
			}
			if c := strings.Compare(a[:digitsA], b[:digitsB]); c != 0 {
				return c
			}
			a, b = a[digitsA:], b[digitsB:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func leadingDigits(text string) int {
	return len(text) - len(strings.TrimLeft(text, "0123456789"))
}
