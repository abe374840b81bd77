package solutions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// mistake is a wrong solution.
type mistake struct {
	wrong  string // the source
	says   string // words that the grader's finding must contain
	breaks string // the sentence of the task that it breaks, by its name
}

// mistaken makes a mistake in the model. The first line of the text says what is wrong. The second has the words of the
// finding ("Says: …"), and the third the sentence that is broken ("Breaks: …"). Then come replacements, each ended by an
// empty line: lines with "-" are replaced by lines with "+", and lines with a space are unchanged lines around them.
func mistaken(model, text string) (m mistake, err error) {
	head, replacements, _ := strings.Cut(text, "\n\n")
	_, said, _ := strings.Cut(head, "\nSays: ")
	m.says, m.breaks, _ = strings.Cut(said, "\nBreaks: ")
	if m.says == "" || m.breaks == "" {
		return m, errors.New(`its second line should begin with "Says: ", and its third with "Breaks: "`)
	}
	rest := strings.Split(model, "\n")
	var lines []string
	for replacement := range strings.SplitSeq(strings.Trim(replacements, "\n"), "\n\n") {
		var before, after []string
		for line := range strings.SplitSeq(replacement, "\n") {
			kind, code := line[:1], line[1:]
			if kind != "+" {
				before = append(before, code)
			}
			if kind != "-" {
				after = append(after, code)
			}
		}
		at, err := only(rest, before)
		if err != nil {
			return m, err
		}
		lines = append(append(lines, rest[:at]...), after...)
		rest = rest[at+len(before):]
	}
	m.wrong = strings.Join(append(lines, rest...), "\n")
	return m, nil
}

// only is the place of the lines in a text. They must be in it exactly once.
func only(text, lines []string) (at int, err error) {
	at = -1
	for i := range len(text) - len(lines) + 1 {
		if !slices.Equal(text[i:i+len(lines)], lines) {
			continue
		}
		if at >= 0 {
			return 0, fmt.Errorf("these lines are in the rest of the model more than once:\n%s", strings.Join(lines, "\n"))
		}
		at = i
	}
	if at < 0 {
		return 0, fmt.Errorf("these lines are not in the rest of the model:\n%s", strings.Join(lines, "\n"))
	}
	return at, nil
}

func TestMistakeReplacesLinesOfTheModel(t *testing.T) {
	const model = "a\nb\nc\nb\n"
	m, err := mistaken(model, "it is wrong.\nSays: no\nBreaks: an-id\n\n a\n-b\n+x\n+y\n\n-b\n")
	assert.NoError(t, err)
	assert.Equal(t, mistake{wrong: "a\nx\ny\nc\n", says: "no", breaks: "an-id"}, m)
	for _, bad := range []string{
		"it is wrong.\nBreaks: an-id\n\n-a\n",           // without words of the finding
		"it is wrong.\nSays: no\n\n-a\n",                // without the sentence
		"it is wrong.\nSays: no\nBreaks: an-id\n\n-b\n", // which b?
		"it is wrong.\nSays: no\nBreaks: an-id\n\n-d\n", // there is no such line
	} {
		_, err := mistaken(model, bad)
		assert.Error(t, err, "%q", bad)
	}
}
