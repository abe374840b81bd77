package quiz

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Letter is the letter of a choice.
func Letter(i int) string { return string(rune('a' + i)) }

const (
	heading    = "Quiz %d of %s"
	answerLine = "Answer %d: "
)

// Write writes the quiz as a file to fill in.
func (q *Quiz) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, heading+"\n\nWrite a letter behind each \"Answer\". Then: go run ./labs quiz --check FILE\n", q.Number, q.Lab)
	n := 0
	for i, part := range q.Parts {
		fmt.Fprintf(&b, "\nRun %d: what the network has carried\n\n%s\n", i+1, Columns)
		for _, row := range part.Rows {
			fmt.Fprintln(&b, strings.TrimRight(row, " "))
		}
		for _, question := range part.Questions {
			n++
			fmt.Fprintf(&b, "\n%d. %s\n", n, question.Text)
			for k, choice := range question.Choices {
				fmt.Fprintf(&b, "   %s  %s\n", Letter(k), choice)
			}
			fmt.Fprintf(&b, answerLine+"\n", n)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Answered is a quiz that somebody has filled in.
type Answered struct {
	*Quiz
	Answers []int // indexes of the choices; -1 if there is no answer
}

// Right is how many answers are right.
func (a *Answered) Right() (n int) {
	for i, question := range a.Questions() {
		if a.Answers[i] == question.Right {
			n++
		}
	}
	return n
}

var (
	firstLine = regexp.MustCompile(`^Quiz (\d+) of (\S+)$`)
	answered  = regexp.MustCompile(`^Answer (\d+): *([a-zA-Z]?)\W*$`)
)

// errNoQuiz means that Write has not written the file.
var errNoQuiz = errors.New(`it is not a quiz: its first line should be "Quiz NUMBER of LAB", as "labs quiz LAB --write FILE" writes it`)

// Read reads a file that was filled in. Only its first line and the lines of answers count.
func Read(r io.Reader) (*Answered, error) {
	const longest = 1 << 20 // bytes, some hundred times what Write writes
	lines := bufio.NewScanner(io.LimitReader(r, longest))
	if !lines.Scan() {
		return nil, errors.Join(lines.Err(), errNoQuiz)
	}
	head := firstLine.FindStringSubmatch(strings.TrimSpace(lines.Text()))
	if head == nil {
		return nil, errNoQuiz
	}
	number, err := strconv.Atoi(head[1])
	if err != nil || number < 1 || number > Numbers {
		return nil, fmt.Errorf("there is no quiz %s: they are numbered 1 to %d", head[1], Numbers)
	}
	q, err := Draw(head[2], number)
	if err != nil {
		return nil, err
	}
	a := &Answered{Quiz: q}
	for range q.Questions() {
		a.Answers = append(a.Answers, -1)
	}
	for lines.Scan() {
		if line := answered.FindStringSubmatch(strings.TrimSpace(lines.Text())); line != nil && line[2] != "" {
			if n, err := strconv.Atoi(line[1]); err == nil && n >= 1 && n <= len(a.Answers) {
				a.Answers[n-1] = int(strings.ToLower(line[2])[0] - 'a')
			}
		}
	}
	return a, lines.Err()
}
