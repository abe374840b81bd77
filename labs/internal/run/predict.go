package run

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/term"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
)

// errLeft says that the person does not want to go on.
var errLeft = errors.New("left")

// predict asks what will happen before each experiment that has a question, runs it, and says whether
// that was right. A wrong prediction is no failure.
func (l *labs) predict(ctx context.Context, chosen []catalog.Experiment, keep string, asPlain bool) error {
	asking := withQuestion(chosen)
	if len(asking) == 0 {
		return fmt.Errorf("--predict: %s has no question; labs list --json shows which have", few(chosen))
	}
	says := newAnswers(os.Stdin)
	var failed error
	shown, right := 0, 0
	for i, e := range asking {
		if len(asking) > 1 {
			fmt.Fprintln(l.screen, faint.Render(fmt.Sprintf("%d of %d, %s", i+1, len(asking), e.Lab)))
		}
		prediction, err := l.ask(ctx, e, says)
		if errors.Is(err, errLeft) {
			break
		}
		if err != nil {
			failed = err
			break
		}
		results, err := l.watch(ctx, []catalog.Experiment{e}, keep, asPlain)
		l.summary(results, err, "run")
		if err != nil {
			failed = err
		}
		if err != nil && !errors.Is(err, gotest.ErrFailed) {
			break
		}
		fmt.Fprintln(l.screen, l.judge(e, prediction, results))
		if results.count(gotest.Pass) == 1 {
			shown++
			if prediction == e.Right {
				right++
			}
		}
	}
	if len(asking) > 1 && shown > 0 {
		fmt.Fprintln(l.screen, bold.Render(fmt.Sprintf("You were right about %d of %d.", right, shown)))
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

// ask returns the answer that the person chooses. It does not name the experiment: its name would tell.
func (l *labs) ask(ctx context.Context, e catalog.Experiment, says *answers) (string, error) {
	width := l.screen.width()
	fmt.Fprintf(l.screen, "%s\n\n", hang("", bold.Render(capital(e.Question)), width))
	for i, answer := range e.Answers {
		fmt.Fprintln(l.screen, hang(fmt.Sprintf("  %d  ", i+1), answer, width))
	}
	fmt.Fprintln(l.screen)
	for {
		fmt.Fprintf(l.screen, "Your prediction, 1 to %d (q leaves): ", len(e.Answers))
		line, err := says.next(ctx)
		if err != nil || !says.areTyped {
			fmt.Fprintln(l.screen, line) // where a terminal would show what is typed
		}
		if err != nil {
			return "", err
		}
		number, err := strconv.Atoi(line)
		switch {
		case line == "q":
			return "", errLeft
		case err == nil && number >= 1 && number <= len(e.Answers):
			fmt.Fprintln(l.screen)
			return e.Answers[number-1], nil
		}
	}
}

// judge compares the prediction with what the experiment has shown.
func (l *labs) judge(e catalog.Experiment, prediction string, r *results) string {
	width := l.screen.width()
	switch {
	case r.count(gotest.Skip) > 0:
		return hang(skipped.String()+" ", "It can't be shown here. Where it can, the answer is: "+e.Right, width) + "\n"
	case r.count(gotest.Pass) == 0:
		return hang(failed.String()+" ", "The experiment says nothing about your prediction.", width) + "\n"
	}
	var verdict string
	if prediction == e.Right {
		verdict = hang(passed.String()+" ", bold.Render("You were right: ")+prediction, width)
	} else {
		verdict = hang(failed.String()+" ", bold.Render("You said: ")+prediction, width) + "\n" +
			hang("  ", bold.Render("It was: ")+e.Right, width)
	}
	return strings.Join([]string{verdict, "", hang("  ", capital(e.Title), width), findings(e, width), ""}, "\n")
}

// capital is the text with a capital letter to begin with.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// answers are the lines that come in, from a person at a terminal or from a pipe.
type answers struct {
	areTyped bool
	lines    <-chan string
	any      bool // has come
}

func newAnswers(in *os.File) *answers {
	lines := make(chan string)
	go func() { // waiting for a line can't be interrupted, but whoever waits for this can be
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			lines <- strings.TrimSpace(scanner.Text())
		}
	}()
	return &answers{areTyped: term.IsTerminal(in.Fd()), lines: lines}
}

// next is the next line. Its error is errLeft at the end of all.
func (a *answers) next(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case line, more := <-a.lines:
		if more {
			a.any = true
			return line, nil
		}
	}
	if !a.areTyped && !a.any {
		return "", errors.New("--predict waits for answers on standard input, and there are none: use a terminal, or a pipe")
	}
	return "", errLeft
}
