package find

import (
	"regexp"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// Words that are in every text, so they are useless for a search.
var everywhere = strings.Fields(`
	a about after all also although am an and any are as at be because been before but by can could did do does each even every
	few for from get gets got had has have how i if in into is it its just like many me more most much my of one only or other
	our should so some than that the their them then there these they this those though to too us was we were what when where
	which while who why will with would you your`)

// severalCapitals are plurals such as SYNs, which would otherwise be split as names in camel case.
var severalCapitals = regexp.MustCompile(`\b([A-Z]{2,})s\b`)

// verb is a placeholder of package fmt, such as %d.
var verb = regexp.MustCompile(`%[+#.0-9]*[a-zA-Z]`)

// A name may be made of several words, as in camel case.
var name = regexp.MustCompile(`\w+`)

// namesIn are the names in a text, each as its words in lower case: SetReadDeadline and tcp_keepalive_time have three.
func namesIn(text string) (names [][]string) {
	text = verb.ReplaceAllString(text, " ")
	text = severalCapitals.ReplaceAllString(strings.ReplaceAll(text, "'", ""), "$1")
	for _, found := range name.FindAllString(text, -1) {
		words := strings.Fields(strings.ToLower(catalog.Words(found)))
		names = append(names, slices.DeleteFunc(words, func(word string) bool { return slices.Contains(everywhere, word) }))
	}
	return names
}

// stemsIn are the words of a text, without their endings.
func stemsIn(text string) (stems []string) {
	for _, word := range slices.Concat(namesIn(text)...) {
		stems = append(stems, stem(word))
	}
	return stems
}

// stem removes the ending of a word, so that "closes", "closed" and "closing" are the same.
func stem(word string) string {
	const least = 3 // letters that are left
	for _, ending := range []string{"ing", "ed", "es", "ly", "s"} {
		rest, found := strings.CutSuffix(word, ending)
		if found && len(rest) >= least && !strings.HasSuffix(word, "ss") {
			word = rest
			break
		}
	}
	if rest, found := strings.CutSuffix(word, "e"); found && len(rest) >= least {
		word = rest
	}
	if n := len(word); n > least && word[n-1] == word[n-2] { // dropped, drop
		word = word[:n-1]
	}
	return word
}

// term is what two texts can share.
type term struct {
	key         string
	first, last int // its first and its last word
	isPair      bool
}

// termsIn are the terms of a text: its words, pairs of words, names of more than two words, and synonyms. Terms of several
// words have no spaces, so "keep alive" matches "keepalive", and "time wait" matches TIME_WAIT.
func termsIn(text string) (terms []term) {
	var before string
	var stems []string
	i := 0
	for _, words := range namesIn(text) {
		for _, word := range words {
			stems = append(stems, stem(word))
			terms = append(terms, term{key: stems[i], first: i, last: i})
			if i > 0 {
				terms = append(terms, term{key: stem(before + word), first: i - 1, last: i, isPair: true})
			}
			before, i = word, i+1
		}
		if len(words) > 2 {
			terms = append(terms, term{key: stem(strings.Join(words, "")), first: i - len(words), last: i - 1})
		}
	}
	return append(terms, meanings(stems)...)
}
