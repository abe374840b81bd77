package find

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"socketlabs/labs/catalog"
)

// Words that stand in every text, and tell none from another.
var everywhere = strings.Fields("a about after all also although am an and any are as at be because been before but by can could did do does " +
	"each even every few for from get gets got had has have how i if in into is it its just like many me more most much my of on one only " +
	"or other our should so some than that the their them then there these they this those though to too us was we were what when where " +
	"which while who why will with would you your")

// severalCapitals are plurals such as SYNs, which would be taken for a name in camel case.
var severalCapitals = regexp.MustCompile(`\b([A-Z]{2,})s\b`)

// wordsIn are the words of a text in lower case, those of names included: SetReadDeadline and tcp_keepalive_time are three.
func wordsIn(text string) []string {
	text = strings.ReplaceAll(text, "'", "")
	text = catalog.Words(severalCapitals.ReplaceAllString(text, "$1"))
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(word string) bool { return slices.Contains(everywhere, word) })
}

// stem takes the ending from a word, so that "closes", "closed" and "closing" are the same.
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

// term is what two texts may have in common: a word, two words in a row, or something of the list of synonyms.
type term struct {
	key         string
	first, last int // of the words that it is made of
	isPair      bool
}

// termsIn are the terms of a text. Two words in a row are one term without a space, so "keep alive" fits "keepalive",
// and "time wait" fits TIME_WAIT.
func termsIn(text string) (terms []term) {
	words := wordsIn(text)
	stems := make([]string, len(words))
	for i, word := range words {
		stems[i] = stem(word)
		terms = append(terms, term{key: stems[i], first: i, last: i})
		if i > 0 {
			terms = append(terms, term{stem(words[i-1] + word), i - 1, i, true})
		}
	}
	return append(terms, meanings(stems)...)
}
