package catalog

import "strings"

// isNative reports whether a lab's file is only for systems other than Linux. Its tests show what these systems do
// differently. They are not experiments, because Linux can't run them.
func isNative(name string) bool {
	for _, system := range []string{"_bsd", "_darwin", "_freebsd", "_windows"} {
		if strings.HasSuffix(name, system+"_test.go") {
			return true
		}
	}
	return false
}
