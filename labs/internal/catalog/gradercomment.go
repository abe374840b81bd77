package catalog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// readDoc reads the title, the points, the experiments and the hints from a grader's comment, in labNN_x/exercise: the only
// place where they are written. Package grading describes the comment.
func (e *Exercise) readDoc(doc string) error {
	title, rest, _ := strings.Cut(doc, "\n\n")
	title, found := strings.CutPrefix(oneLine(title), e.Grader()+": ")
	if !found {
		return fmt.Errorf("its comment should begin with %q and what right code does in one sentence", e.Grader()+": ")
	}
	e.Title = title
	var into *string // the hint that a line without a key continues
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "Points":
			points, err := strconv.Atoi(value)
			if err != nil || points <= 0 {
				return fmt.Errorf("%q is not a number of points", value)
			}
			e.Points, into = points, nil
		case "Read":
			for name := range strings.SplitSeq(value, ", ") {
				if !strings.Contains(name, "/") {
					name = e.Lab + "/" + name
				}
				e.Read = append(e.Read, name)
			}
			into = nil
		case "Hint":
			e.Hints = append(e.Hints, value)
			into = &e.Hints[len(e.Hints)-1]
		default:
			if into == nil {
				return fmt.Errorf("its comment has a line that is neither Points, Read nor Hint: %q", line)
			}
			*into += " " + line
		}
	}
	if e.Points == 0 || len(e.Read) == 0 || len(e.Hints) == 0 {
		return errors.New("its comment should have lines that begin with Points, Read and Hint")
	}
	return nil
}
