package catalog

import (
	"errors"
	"slices"
	"strings"
)

// Prediction is what a person is asked before an experiment runs. All of it is empty where the
// experiment asks nothing.
type Prediction struct {
	Question string   `json:"question"`
	Answers  []string `json:"answers"`
	Right    string   `json:"right"` // the one of the answers that the experiment asserts
}

// How a doc comment writes it, in lines of their own. A list of boxes is what gofmt leaves as it is.
const (
	asks  = "Predict: "
	wrong = "  - [ ] "
	right = "  - [x] "
)

var errPredictionForm = errors.New(`after "Predict: " there should be one question in one line, then three or four answers ` +
	`in one line each, all different, that begin with "  - [ ] ", and the right one with "  - [x] "`)

// readPrediction takes the question and its answers from the paragraph that follows "Predict: ".
func readPrediction(text string) (p Prediction, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	p.Question = lines[0]
	for _, line := range lines[1:] {
		answer, isWrong := strings.CutPrefix(line, wrong)
		if !isWrong {
			var isRight bool
			answer, isRight = strings.CutPrefix(line, right)
			if !isRight || p.Right != "" {
				return p, errPredictionForm
			}
			p.Right = answer
		}
		if answer == "" || slices.Contains(p.Answers, answer) {
			return p, errPredictionForm
		}
		p.Answers = append(p.Answers, answer)
	}
	isWhole := strings.HasSuffix(p.Question, "?") && (len(p.Answers) == 3 || len(p.Answers) == 4) && p.Right != ""
	if !isWhole {
		return p, errPredictionForm
	}
	return p, nil
}
