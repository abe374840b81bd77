package grade

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"socketlabs/labs/internal/gotest"
)

// students matches lines about the student's file, whatever its folder.
var students = regexp.MustCompile(`^(?:.*[/\\])?(exercise\.go:\d.*)`)

// complaints are the compiler's errors in the student's own file, each once. If there are none, it is the first error: if
// that file is not a text, the go command names another file of the package first.
func complaints(out []byte) string {
	first := ""
	var own []string
	for line := range bytes.Lines(out) {
		text := gotest.Complaint(string(line))
		if part := students.FindStringSubmatch(text); part != nil && !slices.Contains(own, part[1]) {
			own = append(own, part[1])
		}
		first = cmp.Or(first, text)
	}
	return cmp.Or(strings.Join(own, "\n"), first, "the compiler failed, and said nothing")
}
