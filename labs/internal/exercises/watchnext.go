package exercises

import (
	"slices"

	"socketlabs/labs/internal/catalog"
)

// first is the exercise to start with: the first that is begun and has not passed, or else the first that has not passed.
func (w *watcher) first() string {
	for _, e := range w.exercises {
		if state := w.states[e.FullName()]; state == stateBegun || state == stateChanged {
			return e.FullName()
		}
	}
	return w.next(w.exercises[len(w.exercises)-1].FullName())
}

// next is the next exercise after another that has not passed; if all have passed, it is that other one.
func (w *watcher) next(after string) string {
	i := slices.IndexFunc(w.exercises, func(e catalog.Exercise) bool { return e.FullName() == after })
	for n := range w.exercises {
		if e := w.exercises[(i+1+n)%len(w.exercises)]; w.states[e.FullName()] != statePassed {
			return e.FullName()
		}
	}
	return after
}

// work is the exercise that the student works on.
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

// goOn moves to the exercise that was graded, and if that has passed, to the next one.
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
