package catalog

import "strings"

// isNative reports whether the file of a lab is for other systems than Linux alone. Its tests show what is those systems' own,
// and are no experiments: nobody can run them here.
func isNative(name string) bool {
	for _, system := range []string{"_bsd", "_darwin", "_freebsd", "_windows"} {
		if strings.HasSuffix(name, system+"_test.go") {
			return true
		}
	}
	return false
}
