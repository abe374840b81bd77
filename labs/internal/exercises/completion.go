package exercises

import (
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/names"
)

func offerExercises() (words []string) {
	all := offeredExercises()
	called := make(map[string]int)
	for _, e := range all {
		called[e.Name]++
	}
	for _, e := range all {
		name := e.Name
		if called[name] > 1 {
			name = e.FullName()
		}
		words = append(words, name+"\t"+e.Title)
	}
	return words
}

func offerLabsOfExercises() (words []string) {
	for _, e := range offeredExercises() {
		words = append(words, e.Lab)
	}
	return slices.Compact(words)
}

// offeredExercises are the exercises that can be read.
func offeredExercises() []catalog.Exercise {
	root, err := catalog.Root(".")
	if err != nil {
		return nil
	}
	all, _ := catalog.Exercises(root)
	return all
}

// offerHints completes the name of an exercise, then the number of hints.
func offerHints(cmd *cobra.Command, taken []string, begun string) ([]string, cobra.ShellCompDirective) {
	return cli.Offering(2, func() (words []string) {
		if len(taken) == 0 {
			return offerExercises()
		}
		e, err := names.Exercise(offeredExercises(), taken[0])
		if err != nil {
			return nil
		}
		for i := range e.Hints {
			words = append(words, strconv.Itoa(i+1))
		}
		return words
	})(cmd, taken, begun)
}
