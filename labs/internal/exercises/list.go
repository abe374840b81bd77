// Package exercises has the verbs of students: they list exercises, take hints, have their work graded, and see solutions.
//
// It remembers which exercises have passed, and a checksum of the text that passed. It keeps that in the user's cache, for
// each checkout, and leaves no files beside the student's. If the cache is lost, exercises only have to be graded again.
// The hints are in the comments of the graders.
package exercises

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// List is the verb that lists the exercises.
func List(s *cli.Session) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:               "exercises [LAB]",
		Short:             "List the exercises, their points, and how far you are",
		Args:              cli.Takes(0, 1, "at most one lab or exercise"),
		ValidArgsFunction: cli.Offering(1, offerLabsOfExercises, offerExercises),
		RunE: s.Exercised(func(_ context.Context, all []catalog.Exercise, args []string) error {
			chosen, err := names.Exercises(all, args)
			if err != nil {
				return err
			}
			states := progressOf(s.Root, all).states()
			if asJSON {
				return cli.JSON(s.Screen, withStates(chosen, states))
			}
			return s.Screen.Paged(func(w io.Writer) error { return list(w, s.Screen.Width(), chosen, states) })
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}

// stated is an exercise, with its state.
type stated struct {
	catalog.Exercise
	State string `json:"state"`
}

func withStates(chosen []catalog.Exercise, states map[string]string) (all []stated) {
	for _, e := range chosen {
		all = append(all, stated{e, states[e.FullName()]})
	}
	return all
}

// signs are the marks of states. A state that is not here has no mark.
var signs = map[string]string{
	statePassed:  term.Passed.String() + " ",
	stateChanged: term.Skipped.String() + " ",
}

func list(w io.Writer, width int, chosen []catalog.Exercise, states map[string]string) error {
	points, earned, lab := 0, 0, ""
	for _, e := range chosen {
		if e.Lab != lab {
			lab = e.Lab
			fmt.Fprintf(w, "%s  %s\n\n", term.Bold.Render(lab), term.Faint.Render(e.File))
		}
		points += e.Points
		state := states[e.FullName()]
		if state == statePassed {
			earned += e.Points
		}
		fmt.Fprintln(w, term.Spread(signs[state]+term.Bold.Render(e.Name)+"  "+term.Faint.Render(state), story.Count(e.Points, "point"), width))
		fmt.Fprintln(w, term.Hang("  ", e.Title, width))
		if len(chosen) == 1 {
			printTask(w, width, e)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s, %d of %s.\n", story.Count(len(chosen), "exercise"), earned, story.Count(points, "point"))
	_, err := fmt.Fprintln(w, term.Faint.Render("The tasks are in these files. Next: go run ./labs watch, or hint, grade, reset"))
	return err
}

// printTask prints the sentences of an exercise's task, and those that hold for every exercise.
func printTask(w io.Writer, width int, e catalog.Exercise) {
	fmt.Fprintln(w)
	for _, s := range slices.Concat(e.Task, e.Rules) {
		fmt.Fprintln(w, term.Hang("  "+s.ID+": ", s.Text, width))
	}
}
