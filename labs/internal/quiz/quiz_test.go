package quiz

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
)

const (
	many  = 300 // quizzes of each lab
	least = 6   // questions of each
)

// drawn are many quizzes of each lab.
var drawn = sync.OnceValues(func() (all []*Quiz, err error) {
	for lab := range Told {
		for number := range many {
			q, err := Draw(lab, number+1)
			if err != nil {
				return nil, err
			}
			all = append(all, q)
		}
	}
	return all, nil
})

func eachQuiz(t *testing.T, check func(q *Quiz)) {
	t.Helper()
	all, err := drawn()
	require.NoError(t, err)
	for _, q := range all {
		check(q)
	}
}

func TestQuestionsHaveOneRightAnswerEach(t *testing.T) {
	eachQuiz(t, func(q *Quiz) {
		where := fmt.Sprintf("quiz %d of %s", q.Number, q.Lab)
		require.GreaterOrEqual(t, len(q.Questions()), least, where)
		for _, question := range q.Questions() {
			inOrder := slices.Sorted(slices.Values(question.Choices))
			require.Len(t, slices.Compact(inOrder), len(question.Choices), "%s: %s: %v", where, question.Text, question.Choices)
			require.Contains(t, []int{2, 4}, len(question.Choices), "%s: %s", where, question.Text)
			require.Contains(t, []int{0, 1, 2, 3}, question.Right)
		}
	})
}

// No row shows the answer to a question.
func TestRowsHideTheirAnswers(t *testing.T) {
	eachQuiz(t, func(q *Quiz) {
		for _, part := range q.Parts {
			for _, question := range part.Questions {
				if !strings.HasPrefix(question.Text, "For ") {
					assert.NotContains(t, part.Rows, question.Shown, "quiz %d of %s: %s", q.Number, q.Lab, question.Text)
				}
			}
		}
	})
}

// Neither a letter nor a quiz can be learned by heart.
func TestAnswersDiffer(t *testing.T) {
	letters, texts := make(map[string]int), make(map[string]bool)
	count := 0
	eachQuiz(t, func(q *Quiz) {
		var right strings.Builder
		for _, question := range q.Questions() {
			if len(question.Choices) == 4 {
				letters[Letter(question.Right)]++
				count++
			}
			right.WriteString(question.Text + question.Choices[question.Right] + Letter(question.Right))
		}
		texts[right.String()] = true
	})
	for letter, times := range letters {
		assert.InDelta(t, count/4, times, float64(count)/20, letter)
	}
	assert.Greater(t, len(texts), many*len(Told)*9/10, "quizzes that differ")
}

func TestQuizIsItsNumber(t *testing.T) {
	first, err := Draw("lab03_keepalive", 12345)
	require.NoError(t, err)
	again, err := Draw("lab03_keepalive", 12345)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	_, err = Draw("lab05", 1)
	assert.EqualError(t, err, "there is no quiz about lab05")
}

// waits finds what people have found when they read the runs.
func TestWaitsAsPeopleRead(t *testing.T) {
	for _, look := range []struct {
		lab, test string
		after     int
		side      story.Lane
		want      string
	}{
		{"lab03_keepalive", "TestDataInFlightSilencesProbes", 7, story.Client, forAck},
		{"lab03_keepalive", "TestDataInFlightSilencesProbes", 6, story.Client, forNothing}, // the other connection is idle
		{"lab03_keepalive", "TestVanishedPeerOnTheWire", 5, story.Client, forNothing},
		{"lab03_keepalive", "TestVanishedPeerOnTheWire", 6, story.Client, forProbe},
		{"lab03_keepalive", "TestStalledReaderIsNoDeadPeer", 12, story.Client, forWindow},
		{"lab02_reuseaddr", "TestTimeWaitAnswersFINAgain", 6, story.Client, forAck},
	} {
		segments, err := read(look.lab, look.test)
		require.NoError(t, err)
		d := &drawer{segments: segments, shown: len(segments)}
		got, isOpen := d.waits(look.after-1, look.side)
		assert.True(t, isOpen)
		assert.Equal(t, look.want, got, "%s, row %d", look.test, look.after)
	}
}

func TestFileIsFilledIn(t *testing.T) {
	q, err := Draw("lab01_timeout", 99)
	require.NoError(t, err)
	var file strings.Builder
	require.NoError(t, q.Write(&file))
	empty, err := Read(strings.NewReader(file.String()))
	require.NoError(t, err)
	assert.Equal(t, q, empty.Quiz)
	assert.Zero(t, empty.Right())

	text := strings.ReplaceAll(file.String(), "\n", "\r\n") // as an editor on Windows writes it
	for i, question := range q.Questions() {
		line := fmt.Sprintf(answerLine, i+1)
		letter := Letter(question.Right)
		if i%2 == 0 {
			letter = strings.ToUpper(letter) + "."
		}
		text = strings.Replace(text, line, line+letter, 1)
	}
	full, err := Read(strings.NewReader(text))
	require.NoError(t, err)
	assert.Equal(t, len(q.Questions()), full.Right())

	for bad, says := range map[string]string{
		"":                          errNoQuiz.Error(),
		"Dear teacher":              errNoQuiz.Error(),
		"Quiz 0 of lab01_timeout":   "there is no quiz 0: they are numbered 1 to 99999",
		"Quiz 9 of lab09_forgotten": "there is no quiz about lab09_forgotten",
	} {
		_, err := Read(strings.NewReader(bad))
		assert.EqualError(t, err, says, "%q", bad)
	}
}

// On a terminal, a row that is too wide goes on in its last column.
func TestRowsFitTheTerminal(t *testing.T) {
	const width = 80
	eachQuiz(t, func(q *Quiz) {
		for _, part := range q.Parts {
			for _, row := range part.Rows {
				fits := fitted(row, width)
				assert.Equal(t, strings.Fields(row), strings.Fields(fits))
				for line := range strings.Lines(fits) {
					assert.LessOrEqual(t, ansi.StringWidth(strings.TrimSuffix(line, "\n")), width, line)
				}
			}
		}
	})
}
