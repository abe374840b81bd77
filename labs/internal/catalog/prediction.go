package catalog

import (
	"errors"
	"slices"
	"strings"
)

// Prediction is the question that a person answers before an experiment runs. It is empty if the experiment
// has no question.
type Prediction struct {
	Question string   `json:"question"`
	Answers  []string `json:"answers"`
	Right    string   `json:"right"` // the answer that the experiment asserts
}

// How the lines of a prediction begin in a doc comment. gofmt does not change a list of such boxes.
const (
	asks  = "Predict: "
	wrong = "  - [ ] "
	right = "  - [x] "
)

var errPredictionForm = errors.New(`after "Predict: " there should be one question in one line, then three or four answers ` +
	`in one line each, all different, that begin with "  - [ ] ", and the right one with "  - [x] "`)

// readPrediction reads the question and its answers from the paragraph that follows "Predict: ".
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
