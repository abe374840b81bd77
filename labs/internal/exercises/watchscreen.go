package exercises

import (
	"fmt"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/term"
)

// head shows which exercise the student works on.
func (w *watcher) head() {
	e, s := w.work(), w.session.Screen
	if w.passed() == len(w.exercises) {
		return // wait says it
	}
	s.End()
	fmt.Fprintln(s, "\n"+term.Spread(term.Bold.Render(e.FullName()), story.Count(e.Points, "point"), s.Width()))
	fmt.Fprintln(s, term.Hang("  ", e.Title, s.Width()))
	if e.Line > 0 {
		fmt.Fprintln(s, term.Hang("  ", fmt.Sprintf("the task: %s:%d", e.File, e.Line), s.Width()))
	}
}

// wait shows why nothing is graded, and the keys.
func (w *watcher) wait() {
	s := w.session.Screen
	why := w.why()
	switch {
	case !s.IsLive():
		if w.said != why {
			fmt.Fprintln(s, why)
		}
		w.said = why
	case w.keys == nil:
		s.Show("", watching+": "+why)
	case w.trouble != "":
		s.Show(term.Hang("", why, s.BottomWidth()), "q quit")
	case w.asks:
		s.Show(term.Hang("", fmt.Sprintf("Put %s back as it was before you began it? Your text is kept beside the file.", w.work().Name), s.BottomWidth()), "y yes  any other key no")
	default:
		s.Show(term.Hang("", why, s.BottomWidth()), fmt.Sprintf("%s, %d/%d:  %s", w.work().Name, w.passed(), len(w.exercises), usualKeys))
	}
}

// why is the reason that nothing is graded.
func (w *watcher) why() string {
	if w.trouble != "" {
		return w.trouble
	}
	e := w.work()
	switch {
	case w.failed:
		return fmt.Sprintf("nothing could be graded, as said above: mend that, and save %s again", e.File)
	case !w.unchanged.IsZero():
		return fmt.Sprintf("%s was saved at %s, without a change", e.File, w.unchanged.Format(time.TimeOnly))
	case w.passed() == len(w.exercises):
		return fmt.Sprintf("all is done: %s passed", story.Count(len(w.exercises), "exercise"))
	case w.states[w.at] == statePassed:
		return fmt.Sprintf("%s has passed; n goes on to %s", e.Name, w.next(w.at))
	case e.Line == 0:
		return fmt.Sprintf("%s is not in %s any more: write it there again, or go run ./labs reset %s puts it back", e.Name, e.File, e.FullName())
	case !e.Begun:
		return fmt.Sprintf("%s is not begun: write it at %s:%d, in place of panic(notBegun), and save", e.Name, e.File, e.Line)
	}
	return fmt.Sprintf("%s has not passed yet: change %s, and save", e.Name, e.File)
}
