package picture

import "strings"

// size is that of the letters, in the picture's own units, as in picture.css.
const size = 13.0

const lineHeight = 17.0

// boldness is how much wider bold letters are.
const boldness = 1.1

// width is that of a text in a wide font without serifs, such as DejaVu Sans. Others need less.
func width(text string) float64 {
	ems := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("ijlI.,:;'|!()[]{} ", r):
			ems += 0.40
		case strings.ContainsRune("frt-\"/\\", r):
			ems += 0.46
		case strings.ContainsRune("mwMW@%→…—≥×", r):
			ems += 1.0
		case r >= 'A' && r <= 'Z', r == '_':
			ems += 0.73
		case r > 0x2e80: // the scripts of East Asia, and pictures
			ems += 1.1
		default:
			ems += 0.64
		}
	}
	return ems * size
}

// wrap breaks a text into lines of that width: between words, or within those that are wider.
func wrap(text string, within float64) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		for {
			longer := strings.TrimPrefix(line+" "+word, " ")
			if width(longer) <= within {
				line = longer
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

// fitting is as much of a word as fits, at least a letter. It prefers to end it after a mark.
func fitting(word string, within float64) string {
	end, mark := 0, 0
	for i, r := range word {
		next := i + len(string(r))
		if i > 0 && width(word[:next]) > within {
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
