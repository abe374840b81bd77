package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
)

// offering completes words in a shell, so many at most: with what is offered, and not taken yet.
func offering(most int, offers ...func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, taken []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(taken) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var words []string
		for _, offer := range offers {
			words = append(words, offer()...)
		}
		words = slices.DeleteFunc(words, func(word string) bool {
			name, _, _ := strings.Cut(word, "\t")
			return slices.Contains(taken, name)
		})
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// What can't be read is not offered.

func (l *labs) offerLabs() []string {
	l.load()
	return l.labNames()
}

func (l *labs) offerExperiments() (words []string) {
	l.load()
	for _, e := range l.experiments {
		words = append(words, short(e)+"\t"+e.Title)
	}
	return words
}

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

func offeredExercises() []catalog.Exercise {
	root, err := catalog.Root(".")
	if err != nil {
		return nil
	}
	all, _ := catalog.Exercises(root)
	return all
}

// offerHints completes an exercise, and how many of its hints.
func offerHints(cmd *cobra.Command, taken []string, begun string) ([]string, cobra.ShellCompDirective) {
	return offering(2, func() (words []string) {
		if len(taken) == 0 {
			return offerExercises()
		}
		e, err := chooseOne(offeredExercises(), taken[0])
		if err != nil {
			return nil
		}
		for i := range e.Hints {
			words = append(words, strconv.Itoa(i+1))
		}
		return words
	})(cmd, taken, begun)
}

func offerFolders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
