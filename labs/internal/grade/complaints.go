package grade

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"socketlabs/labs/internal/gotest"
)

// students are lines about the student's file, wherever that is.
var students = regexp.MustCompile(`^(?:.*[/\\])?(exercise\.go:\d.*)`)

// complaints are what is said of the student's own file, each once. If nothing is, it is the first thing that is said: where
// that file is no text, go complains first of another file of the package.
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
