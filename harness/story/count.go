package story

import "fmt"

// Count writes a number of things with its noun: 1 byte, 2 bytes.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
