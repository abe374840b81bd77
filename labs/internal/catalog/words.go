package catalog

import (
	"cmp"
	"regexp"
	"strings"
)

// Where the next word of a name begins: in "UDPSockets" and in "overUDP", but not in "SYNs".
var wordEnds = []*regexp.Regexp{
	regexp.MustCompile(`([A-Z])([A-Z][a-rt-z]|[AI]s|[A-Z]s[a-z])`),
	regexp.MustCompile(`([a-z0-9])([A-Z])`),
}

var allCapitals = regexp.MustCompile(`^[A-Z]{2,}s?$`)

// Words is the name of the test as words: "two UDP sockets share a port".
func (e Experiment) Words() string { return Words(cmp.Or(strings.TrimPrefix(e.Test, "Test"), e.Test)) }

// Words splits a Go name into words.
func Words(name string) string {
	name = strings.ReplaceAll(name, "_", " ")
	for _, end := range wordEnds {
		name = end.ReplaceAllString(name, "$1 $2")
	}
	words := strings.Fields(name)
	for i, w := range words {
		if !allCapitals.MatchString(w) && w != "Go" {
			words[i] = strings.ToLower(w)
		}
	}
	return strings.Join(words, " ")
}
