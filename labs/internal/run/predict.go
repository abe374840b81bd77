package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/display"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/sentence"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// predict runs each experiment that has a question. First it asks what will happen, and at the end it says
// whether that was right. A wrong prediction is not a failure.
func predict(ctx context.Context, s *cli.Session, chosen []catalog.Experiment, keep string, asPlain bool) error {
	asking := withQuestion(chosen)
	if len(asking) == 0 {
		return fmt.Errorf("--predict: %s has no question; labs list --json shows which have", names.Few(chosen))
	}
	says := cli.NewAnswers(os.Stdin, "--predict")
	var failed error
	shown, right := 0, 0
	for i, e := range asking {
		if len(asking) > 1 {
			fmt.Fprintln(s.Screen, term.Faint.Render(fmt.Sprintf("%d of %d, %s", i+1, len(asking), e.Lab)))
		}
		prediction, err := ask(ctx, s.Screen, e, says)
		if errors.Is(err, cli.ErrLeft) {
			break
		}
		if err != nil {
			failed = err
			break
		}
		r, err := watch(ctx, s, []catalog.Experiment{e}, keep, asPlain)
		view.Summary(s.Screen, r, err, "run")
		if err != nil {
			failed = err
		}
		if err != nil && !errors.Is(err, gotest.ErrFailed) {
			break
		}
		fmt.Fprintln(s.Screen, judge(e, prediction, r, s.Screen.Width()))
		if r.Count(gotest.Pass) == 1 {
			shown++
			if prediction == e.Right {
				right++
			}
		}
	}
	if len(asking) > 1 && shown > 0 {
		fmt.Fprintln(s.Screen, term.Bold.Render(fmt.Sprintf("You were right about %d of %d.", right, shown)))
	}
	return failed
}

func withQuestion(experiments []catalog.Experiment) (asking []catalog.Experiment) {
	for _, e := range experiments {
		if e.Question != "" {
			asking = append(asking, e)
		}
	}
	return asking
}

// ask returns the answer that the person chooses. It does not name the experiment, because the name would tell the answer.
func ask(ctx context.Context, s *term.Screen, e catalog.Experiment, says *cli.Answers) (string, error) {
	width := s.Width()
	fmt.Fprintf(s, "%s\n\n", term.Hang("", term.Bold.Render(sentence.Begin(e.Question)), width))
	for i, answer := range e.Answers {
		fmt.Fprintln(s, term.Hang(fmt.Sprintf("  %d  ", i+1), answer, width))
	}
	fmt.Fprintln(s)
	for {
		fmt.Fprintf(s, "Your prediction, 1 to %d (q leaves): ", len(e.Answers))
		line, err := says.Next(ctx)
		if err != nil || !says.AreTyped {
			fmt.Fprintln(s, line) // a terminal has already shown what was typed
		}
		if err != nil {
			return "", err
		}
		number, err := strconv.Atoi(line)
		switch {
		case line == "q":
			return "", cli.ErrLeft
		case err == nil && number >= 1 && number <= len(e.Answers):
			fmt.Fprintln(s)
			return e.Answers[number-1], nil
		}
	}
}

// judge compares the prediction with what the experiment has shown.
func judge(e catalog.Experiment, prediction string, r *results.Results, width int) string {
	switch {
	case r.Count(gotest.Skip) > 0:
		return term.Hang(term.Skipped.String()+" ", "This machine can't run it. The answer is: "+e.Right, width) + "\n"
	case r.Count(gotest.Pass) == 0:
		return term.Hang(term.Failed.String()+" ", "The experiment says nothing about your prediction.", width) + "\n"
	}
	var said string
	if prediction == e.Right {
		said = term.Hang(term.Passed.String()+" ", term.Bold.Render("You were right: ")+prediction, width)
	} else {
		said = term.Hang(term.Failed.String()+" ", term.Bold.Render("You said: ")+prediction, width) + "\n" +
			term.Hang("  ", term.Bold.Render("It was: ")+e.Right, width)
	}
	return strings.Join([]string{said, "", term.Hang("  ", sentence.Begin(e.Title), width), display.Findings(e, width), ""}, "\n")
}
