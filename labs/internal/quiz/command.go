package quiz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/wholefile"
)

// Command is the verb quiz.
func Command(s *cli.Session) *cobra.Command {
	number, write, check := 0, "", ""
	cmd := &cobra.Command{
		Use:   "quiz LAB",
		Short: "Ask what segments of recorded runs mean, and what comes next",
		Long: "Shows two recorded runs of a lab's experiments, and asks about their segments.\n" +
			"The number of a quiz selects its questions. --write makes a file to fill in.",
		Args: func(cmd *cobra.Command, words []string) error {
			if check != "" {
				return cli.Takes(0, 0, "nothing beside --check")(cmd, words)
			}
			return cli.Takes(1, 1, "one lab")(cmd, words)
		},
		ValidArgsFunction: cli.Offering(1, s.OfferLabs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if check != "" {
				return checkQuiz(s.Screen, check)
			}
			return s.Exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
				inLab, err := names.Exercises(all, args)
				if err != nil {
					return err
				}
				if number == 0 {
					number = 1 + rand.IntN(Numbers)
				}
				if number < 1 || number > Numbers {
					return fmt.Errorf("--number: there is no quiz %d; give 1 to %d", number, Numbers)
				}
				q, err := Draw(inLab[0].Lab, number)
				switch {
				case err != nil:
					return err
				case write != "":
					return writeQuiz(s.Screen, q, write)
				}
				return takeQuiz(ctx, s.Screen, q)
			})(cmd, args)
		},
	}
	cmd.Flags().IntVar(&number, "number", 0, "ask quiz `N` (default: any)")
	cli.PathFlag(cmd, &write, "write", "", "write the quiz to `FILE`, to fill in")
	cli.PathFlag(cmd, &check, "check", "", "grade the `FILE` that was filled in")
	cmd.MarkFlagsMutuallyExclusive("check", "write")
	cmd.MarkFlagsMutuallyExclusive("check", "number")
	return cmd
}

// writeQuiz writes the quiz to a new file.
func writeQuiz(s *term.Screen, q *Quiz, name string) error {
	var text bytes.Buffer
	err := q.Write(&text)
	if err == nil {
		err = wholefile.New(name, text.Bytes())
	}
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("--write: %s is there already; give another name", name)
	}
	if err != nil {
		return fmt.Errorf("--write: %w", err)
	}
	fmt.Fprintf(s, "%s\n\nFill it in. Then: go run ./labs quiz --check %[1]s\n", name)
	return nil
}

// checkQuiz grades a file.
func checkQuiz(s *term.Screen, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("--check: %w", err)
	}
	defer file.Close()
	answered, err := Read(file)
	if err != nil {
		return fmt.Errorf("--check: %s: %w", name, err)
	}
	for i, question := range answered.Questions() {
		printJudged(s, i+1, question, answered.Answers[i])
	}
	return score(s, answered)
}

// takeQuiz asks one question after the other.
func takeQuiz(ctx context.Context, s *term.Screen, q *Quiz) error {
	says := cli.NewAnswers(os.Stdin, "labs quiz")
	taken := &Answered{Quiz: q}
	for i, part := range q.Parts {
		fmt.Fprintf(s, "%s\n\n", term.Bold.Render(fmt.Sprintf("Run %d of quiz %d of %s: what the network has carried", i+1, q.Number, q.Lab)))
		fmt.Fprintln(s, term.Faint.Render(Columns))
		for _, row := range part.Rows {
			fmt.Fprintln(s, fitted(row, s.Width()))
		}
		for _, question := range part.Questions {
			answer, err := askOne(ctx, s, len(taken.Answers)+1, question, says)
			if errors.Is(err, cli.ErrLeft) {
				return fmt.Errorf("the quiz isn't finished; to take it again: go run ./labs quiz %s --number %d", q.Lab, q.Number)
			}
			if err != nil {
				return err
			}
			taken.Answers = append(taken.Answers, answer)
			printJudged(s, len(taken.Answers), question, answer)
		}
		fmt.Fprintln(s)
	}
	return score(s, taken)
}

// askOne returns what the person chooses.
func askOne(ctx context.Context, s *term.Screen, n int, question Question, says *cli.Answers) (int, error) {
	width := s.Width()
	fmt.Fprintf(s, "\n%s\n", term.Hang(fmt.Sprintf("%d  ", n), term.Bold.Render(question.Text), width))
	for i, choice := range question.Choices {
		fmt.Fprintln(s, term.Hang("   "+Letter(i)+"  ", choice, width))
	}
	for {
		fmt.Fprintf(s, "Your answer, a to %s: ", Letter(len(question.Choices)-1))
		line, err := says.Next(ctx)
		if err != nil || !says.AreTyped {
			fmt.Fprintln(s, line) // a terminal has already shown what was typed
		}
		if err != nil {
			return 0, err
		}
		for i := range question.Choices {
			if strings.EqualFold(line, Letter(i)) {
				return i, nil
			}
		}
	}
}

func printJudged(s *term.Screen, n int, question Question, answer int) {
	width, right := s.Width(), question.Choices[question.Right]
	if answer == question.Right {
		fmt.Fprintln(s, term.Hang(term.Passed.String()+" ", fmt.Sprintf("%d: %s", n, right), width))
		return
	}
	said := "no answer"
	if answer >= 0 && answer < len(question.Choices) {
		said = question.Choices[answer]
	}
	fmt.Fprintln(s, term.Hang(term.Failed.String()+" ", fmt.Sprintf("%d: %s; you said: %s", n, right, said), width))
	if question.Shown != "" {
		fmt.Fprintln(s, term.Faint.Render(fitted(question.Shown, width)))
	}
}

// fitted is a row that is wrapped to the width: its last column has several lines if it needs them.
func fitted(row string, width int) string {
	row = strings.TrimRight(row, " ")
	last := strings.LastIndex(row, "  ") + len("  ")
	return term.Hang(row[:last], row[last:], width)
}

// score prints the score. It fails unless all answers are right.
func score(s *term.Screen, a *Answered) error {
	right, all := a.Right(), len(a.Questions())
	fmt.Fprintf(s, "\n%s\n", term.Bold.Render(fmt.Sprintf("Quiz %d of %s: %d of %d right.", a.Number, a.Lab, right, all)))
	for _, part := range a.Parts {
		fmt.Fprintf(s, "Read: go run ./labs show %s\n", part.Test)
	}
	if right < all {
		return gotest.ErrFailed
	}
	return nil
}
