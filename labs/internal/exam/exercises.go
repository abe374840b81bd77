package exam

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
)

// exercised is a command that reads the exercises first.
func (l *labs) exercised(run func(ctx context.Context, all []catalog.Exercise, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		root, err := catalog.Root(".")
		if err != nil {
			return err
		}
		l.root = root
		all, err := catalog.Exercises(root)
		if err != nil {
			return firstOf(catalog.CheckGraders(root), err)
		}
		return run(cmd.Context(), all, args)
	}
}

func newExercisesCommand(l *labs) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:               "exercises [LAB]",
		Short:             "List the exercises, their points, and which you have begun",
		Args:              takes(0, 1, "at most one lab or exercise"),
		ValidArgsFunction: offering(1, offerLabsOfExercises, offerExercises),
		RunE: l.exercised(func(_ context.Context, all []catalog.Exercise, args []string) error {
			chosen, err := choose(all, args)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(l.screen, chosen)
			}
			return l.paged(func(w io.Writer) error { return l.listExercises(w, chosen) })
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}

func (l *labs) listExercises(w io.Writer, chosen []catalog.Exercise) error {
	width := l.screen.width()
	points, lab := 0, ""
	for _, e := range chosen {
		if e.Lab != lab {
			lab = e.Lab
			fmt.Fprintf(w, "%s  %s\n\n", bold.Render(lab), faint.Render(e.File))
		}
		points += e.Points
		state := "not begun"
		if e.Begun {
			state = "begun"
		}
		fmt.Fprintln(w, spread(bold.Render(e.Name)+"  "+faint.Render(state), story.Count(e.Points, "point"), width))
		fmt.Fprintln(w, hang("  ", e.Title, width))
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s, %s.\n", story.Count(len(chosen), "exercise"), story.Count(points, "point"))
	_, err := fmt.Fprintln(w, faint.Render("The tasks are in these files. Then: go run ./labs grade, hint, watch, solution."))
	return err
}

// choose returns the exercises that are named: by themselves, or by their lab. All of them if none is.
func choose(all []catalog.Exercise, names []string) ([]catalog.Exercise, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []catalog.Exercise
	for _, name := range names {
		found := slices.DeleteFunc(slices.Clone(all), func(e catalog.Exercise) bool {
			return !isExercise(e, name)
		})
		if len(found) == 0 {
			return nil, noExercise(all, name)
		}
		chosen = append(chosen, found...)
	}
	return chosen, nil
}

// noExercise says which exercises may be meant.
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

// isExercise takes lab1, lab1/SendAll and send_all for the exercise, whatever the case.
func isExercise(e catalog.Exercise, name string) bool {
	inLab := catalog.Experiment{Lab: e.Lab}
	lab, exercise, found := strings.Cut(name, "/")
	if !found {
		return isLab(inLab, name) || plain(name) == plain(e.Name)
	}
	return isLab(inLab, lab) && plain(exercise) == plain(e.Name)
}

func exerciseNames(all []catalog.Exercise) (names []string) {
	for _, e := range all {
		names = append(names, e.FullName())
	}
	return names
}

// chooseOne is choose for what takes one exercise.
func chooseOne(all []catalog.Exercise, name string) (catalog.Exercise, error) {
	chosen, err := choose(all, []string{name})
	if err != nil {
		return catalog.Exercise{}, err
	}
	if len(chosen) > 1 {
		return catalog.Exercise{}, fmt.Errorf("%q fits %d exercises; take one: %s", name, len(chosen), strings.Join(exerciseNames(chosen), ", "))
	}
	return chosen[0], nil
}

func newHintCommand(l *labs) *cobra.Command {
	return &cobra.Command{
		Use:               "hint EXERCISE [N]",
		Short:             "Give a hint, or the first N: each says more than the one before",
		Args:              takes(1, 2, "an exercise and a number of hints"),
		ValidArgsFunction: offerHints,
		RunE: l.exercised(func(_ context.Context, all []catalog.Exercise, args []string) error {
			e, err := chooseOne(all, args[0])
			if err != nil {
				return err
			}
			count := 1
			if len(args) > 1 {
				if count, err = strconv.Atoi(args[1]); err != nil || count < 1 || count > len(e.Hints) {
					return fmt.Errorf("%s has the hints 1 to %d", e.Name, len(e.Hints))
				}
			}
			l.hint(e, count)
			return nil
		}),
	}
}

func (l *labs) hint(e catalog.Exercise, count int) {
	width := l.screen.width()
	for i, hint := range e.Hints[:count] {
		fmt.Fprintln(l.screen, hang(fmt.Sprintf("%d  ", i+1), hint, width))
	}
	fmt.Fprintln(l.screen)
	if count < len(e.Hints) {
		fmt.Fprintf(l.screen, "The next: go run ./labs hint %s %d\n", e.FullName(), count+1)
	}
	for _, name := range e.Read {
		fmt.Fprintf(l.screen, "Read: go run ./labs show %s\n", name)
	}
}

func newSolutionCommand(l *labs) *cobra.Command {
	spoil := false
	cmd := &cobra.Command{
		Use:               "solution EXERCISE",
		Short:             "Show the model solution, once your own has passed",
		Args:              takes(1, 1, "one exercise"),
		ValidArgsFunction: offering(1, offerExercises),
		RunE: l.exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
			e, err := chooseOne(all, args[0])
			if err != nil {
				return err
			}
			file := path.Join("labs", "internal", "solutions", "testdata", e.Lab, e.Name, "model.go")
			model, err := os.ReadFile(filepath.Join(l.root, filepath.FromSlash(file)))
			if err != nil {
				return fmt.Errorf("the solutions are not in this folder; the project has them, and your teacher")
			}
			if !spoil {
				task := grade.Task{Root: l.root, Student: l.root, Exercises: []catalog.Exercise{e}, Limits: usualLimits}
				results, err := l.gradeAll(ctx, task, func(grade.Result) {})
				if err != nil {
					return err
				}
				if results[0].Result != report.Passed {
					return fmt.Errorf("%s has not passed yet; to see the solution all the same, and spoil the exercise, give --spoil", e.Name)
				}
			}
			return l.source(file, string(model))
		}),
	}
	cmd.Flags().BoolVar(&spoil, "spoil", false, "show it before your own has passed, which spoils it")
	return cmd
}
