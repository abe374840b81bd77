package picture

import (
	"strings"
	"unicode"

	"socketlabs/harness/story"
)

// size is the font size in the picture's own units, as in picture.css.
const size = 13.0

const lineHeight = 17.0

// boldness is how much wider bold letters are.
const boldness = 1.1

// width is the width of a letter in a wide sans-serif font, such as DejaVu Sans. Other fonts need less.
func width(letter rune) float64 {
	switch {
	case strings.ContainsRune("ijlI.,:;'|!()[]{} ", letter):
		return 0.40 * size
	case strings.ContainsRune("frt-\"/\\", letter):
		return 0.46 * size
	case strings.ContainsRune("mwMW@%→…—≥×", letter):
		return 1.0 * size
	case letter >= 'A' && letter <= 'Z', letter == '_':
		return 0.73 * size
	case letter > 0x2e80: // the scripts of East Asia, and emoji
		return 1.1 * size
	default:
		return 0.64 * size
	}
}

// fits reports whether texts beside each other fit into a width. It stops as soon as they don't.
func fits(within float64, texts ...string) bool {
	for _, text := range texts {
		for _, letter := range text {
			if within -= width(letter); within < 0 {
				return false
			}
		}
	}
	return true
}

// wrap breaks a text into lines of that width: between words, and within words that are wider.
func wrap(text string, within float64) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsFuncSeq(story.KeepUnits(text), isBreak) {
		word = strings.ReplaceAll(word, story.Space, " ")
		for {
			if line == "" && fits(within, word) {
				line = word
				break
			}
			if line != "" && fits(within, line, " ", word) {
				line += " " + word
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			head := fitting(word, within)
			lines, word = append(lines, head), word[len(head):]
		}
	}
	return append(lines, line)
}

// isBreak reports whether a line may end there.
func isBreak(r rune) bool { return unicode.IsSpace(r) && string(r) != story.Space }

// fitting is the beginning of a word that fits, at least a letter. It ends after a punctuation mark if possible.
func fitting(word string, within float64) string {
	end, mark := 0, 0
	for i, r := range word {
		next := i + len(string(r))
		if i > 0 && !fits(within, word[:next]) {
			break
		}
		end = next
		if strings.ContainsRune("/:->,;._", r) {
			mark = next
		}
	}
	if mark > end/2 && end < len(word) {
		return word[:mark]
	}
	return word[:end]
}
