package names

import (
	"fmt"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// Exercises returns the exercises with these names, each once. The name of a lab stands for all of its exercises. Without
// names, it returns all exercises.
func Exercises(all []catalog.Exercise, names []string) ([]catalog.Exercise, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []catalog.Exercise
	for _, name := range names {
		found := slices.DeleteFunc(slices.Clone(all), func(e catalog.Exercise) bool { return !isExercise(e, name) })
		if len(found) == 0 {
			return nil, noExercise(all, name)
		}
		for _, e := range found {
			if !slices.ContainsFunc(chosen, func(c catalog.Exercise) bool { return c.FullName() == e.FullName() }) {
				chosen = append(chosen, e)
			}
		}
	}
	return chosen, nil
}

// noExercise is the error for an unknown name. It suggests the exercises that may be meant.
func noExercise(all []catalog.Exercise, name string) error {
	const enough = 2
	var labs []string
	for _, e := range all {
		labs = append(labs, e.Lab)
	}
	if err := noLab(name, slices.Compact(labs)); err != nil {
		return err
	}
	_, exercise, found := strings.Cut(name, "/")
	if !found {
		exercise = name
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
	}
	near := byDistance(exercise, names)[:min(len(names), enough)]
	return fmt.Errorf("no exercise is called %q; did you mean %s? labs exercises lists them", name, strings.Join(near, " or "))
}

// isExercise reports whether a name means the exercise: lab1, lab1/SendAll and send_all do, in upper or lower case.
func isExercise(e catalog.Exercise, name string) bool {
	lab, exercise, found := strings.Cut(name, "/")
	if !found {
		return isLab(e.Lab, name) || plain(name) == plain(e.Name)
	}
	return isLab(e.Lab, lab) && plain(exercise) == plain(e.Name)
}

// Exercise is like Exercises, for a single exercise.
func Exercise(all []catalog.Exercise, name string) (catalog.Exercise, error) {
	chosen, err := Exercises(all, []string{name})
	if err != nil {
		return catalog.Exercise{}, err
	}
	if len(chosen) > 1 {
		return catalog.Exercise{}, fmt.Errorf("%q fits %d exercises; take one: %s", name, len(chosen), strings.Join(full(chosen), ", "))
	}
	return chosen[0], nil
}

func full(all []catalog.Exercise) (names []string) {
	for _, e := range all {
		names = append(names, e.FullName())
	}
	return names
}
