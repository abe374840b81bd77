// Package display shows what several verbs show in the same way: source, verdicts, and experiments that were found.
package display

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"socketlabs/labs/internal/find"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// Matches shows the experiments that were found: the line that matched, what it means, and what to do; of the best one, also its
// title.
func Matches(w io.Writer, width int, found []find.Match) error {
	says := func(where, text string) {
		fmt.Fprintln(w, term.Hang("  ", term.Faint.Render(where+":")+" "+text, width))
	}
	told := make(map[string]bool) // symptoms
	for i, m := range found {
		fmt.Fprintln(w, term.Spread(term.Bold.Render(names.Short(m.Experiment)), term.Faint.Render(m.Experiment.Lab), width))
		isSymptom := m.Where == "symptom"
		switch {
		case i == 0, m.Where == "name", isSymptom && told[m.Line]: // the name is shown already
			says("title", m.Experiment.Title)
		case !isSymptom:
			says(strings.TrimPrefix(m.Where, m.Experiment.Lab+"/"), m.Line)
		}
		if s := m.Symptom; s != nil && !told[s.Sees] && (i == 0 || isSymptom) {
			told[s.Sees] = true
			says("symptom", s.Sees)
			says("means", s.Means)
			says("do", s.Do)
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w, term.Faint.Render("Next: go run ./labs run NAME, or show NAME"))
	return err
}

// Instead returns the error. If it means that no experiment has the name, Instead first shows the experiments that were
// found for it.
func Instead(screen *term.Screen, err error) error {
	if unknown, ok := errors.AsType[*names.Unknown](err); ok && len(unknown.Found) > 0 {
		return cmp.Or(Matches(screen, screen.Width(), unknown.Found), err)
	}
	return err
}
