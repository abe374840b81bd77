package exercises

import (
	"fmt"
	"go/doc/comment"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/worksheet"
)

// usualKeys are the keys while the watcher does not ask a question.
const usualKeys = "h hint  t task  n next  l list  r reset  q quit"

// quits reports whether a key quits at once. It keeps any other key for press, which has to wait while a round of grading
// uses the screen.
func (w *watcher) quits(key byte) bool {
	if key == 'q' {
		return true
	}
	w.pressed = key
	return false
}

// press handles the key that was pressed, if there is one. It ignores unknown keys.
func (w *watcher) press() {
	key := w.pressed
	w.pressed = 0
	if key == 0 || w.trouble != "" {
		return
	}
	s := w.session.Screen
	s.End()
	if w.asks {
		w.asks = false
		w.answer(key)
		return
	}
	e := w.work()
	switch key {
	case 'h':
		w.hints = min(w.hints+1, len(e.Hints))
		fmt.Fprintln(s)
		hint(s, e, w.hints, "press h")
	case 't':
		fmt.Fprintf(s, "\n%s\n", taskOf(e, s.Width()))
	case 'n':
		w.move(w.next(w.at))
		w.head()
	case 'l':
		w.list()
	case 'r':
		w.asks = true
	}
}

// answer resets the exercise, or leaves it.
func (w *watcher) answer(key byte) {
	said := w.work().Name + " is left as it is"
	if key == 'y' {
		var err error
		if said, err = reset(w.session.Root, w.work(), false); err != nil {
			said = err.Error()
		}
	}
	fmt.Fprintf(w.session.Screen, "\n%s\n", term.Hang("", said, w.session.Screen.Width()))
}

// list shows all exercises, one on a line.
func (w *watcher) list() {
	s := w.session.Screen
	fmt.Fprintln(s)
	for _, e := range w.exercises {
		state := w.states[e.FullName()]
		sign := signs[state]
		if sign == "" {
			sign = "  "
		}
		at := "  "
		if e.FullName() == w.at {
			at = "▸ "
		}
		fmt.Fprintln(s, term.Spread(at+sign+e.FullName(), term.Faint.Render(state), s.Width()))
	}
	fmt.Fprintf(s, "%d of %d passed\n", w.passed(), len(w.exercises))
}

// taskOf is the task as the project's starter has it, wrapped to the width.
func taskOf(e catalog.Exercise, width int) string {
	starter, err := catalog.Starter(e.Lab)
	if err != nil {
		return err.Error()
	}
	var parser comment.Parser
	printer := comment.Printer{TextWidth: width}
	text := printer.Text(parser.Parse(worksheet.Task(starter, e.Name)))
	return strings.TrimSuffix(string(text), "\n")
}
