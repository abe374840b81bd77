package exercises

import (
	"fmt"
	"slices"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/term"
)

// first is the exercise to begin with: one that was begun, or else the first that has not passed.
func (w *watcher) first() string {
	for _, e := range w.exercises {
		if state := w.states[e.FullName()]; state == stateBegun || state == stateChanged {
			return e.FullName()
		}
	}
	return w.next(w.exercises[len(w.exercises)-1].FullName())
}

// next is the exercise after another that has not passed; that other one if all have.
func (w *watcher) next(after string) string {
	i := slices.IndexFunc(w.exercises, func(e catalog.Exercise) bool { return e.FullName() == after })
	for n := range w.exercises {
		if e := w.exercises[(i+1+n)%len(w.exercises)]; w.states[e.FullName()] != statePassed {
			return e.FullName()
		}
	}
	return after
}

// work is the exercise that is worked at.
func (w *watcher) work() catalog.Exercise {
	i := slices.IndexFunc(w.exercises, func(e catalog.Exercise) bool { return e.FullName() == w.at })
	return w.exercises[max(0, i)]
}

func (w *watcher) passed() (n int) {
	for _, e := range w.exercises {
		if w.states[e.FullName()] == statePassed {
			n++
		}
	}
	return n
}

// goOn follows the student to what was graded, and goes on to the next exercise when that has passed.
func (w *watcher) goOn(r *round) {
	if _, isGraded := r.sums[w.at]; !isGraded {
		for _, e := range w.exercises {
			if _, isGraded := r.sums[e.FullName()]; isGraded {
				w.move(e.FullName())
				break
			}
		}
	}
	if w.states[w.at] == statePassed && w.passed() < len(w.exercises) {
		w.move(w.next(w.at))
		w.head()
	}
}

// move goes to another exercise.
func (w *watcher) move(to string) {
	if w.at != to {
		w.at, w.hints = to, 0
	}
}

// head says which exercise is worked at.
func (w *watcher) head() {
	e, s := w.work(), w.session.Screen
	if w.passed() == len(w.exercises) {
		return // wait says it
	}
	s.End()
	fmt.Fprintln(s, "\n"+term.Spread(term.Bold.Render(e.FullName()), story.Count(e.Points, "point"), s.Width()))
	fmt.Fprintln(s, term.Hang("  ", e.Title, s.Width()))
	fmt.Fprintln(s, term.Hang("  ", fmt.Sprintf("the task: %s:%d", e.File, e.Line), s.Width()))
}

// wait shows why nothing happens, and which keys there are.
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
		s.Show(term.Hang("", why, s.Width()-2), "q quit")
	case w.asks:
		s.Show(term.Hang("", fmt.Sprintf("Put %s back as it was before you began it? Your text is kept beside the file.", w.work().Name), s.Width()-2), "y yes  any other key no")
	default:
		s.Show(term.Hang("", why, s.Width()-2), fmt.Sprintf("%s, %d/%d:  %s", w.work().Name, w.passed(), len(w.exercises), usualKeys))
	}
}

// why is the reason that nothing is graded.
func (w *watcher) why() string {
	if w.trouble != "" {
		return w.trouble
	}
	e := w.work()
	switch {
	case !w.unchanged.IsZero():
		return fmt.Sprintf("%s was saved at %s, and is as it was before", e.File, w.unchanged.Format(time.TimeOnly))
	case w.passed() == len(w.exercises):
		return fmt.Sprintf("all is done: %s passed", story.Count(len(w.exercises), "exercise"))
	case w.states[w.at] == statePassed:
		return fmt.Sprintf("%s has passed; n goes on to %s", e.Name, w.next(w.at))
	case !e.Begun:
		return fmt.Sprintf("%s is not begun: write it at %s:%d, in place of panic(notBegun), and save", e.Name, e.File, e.Line)
	}
	return fmt.Sprintf("%s has not passed yet: change %s, and save", e.Name, e.File)
}
