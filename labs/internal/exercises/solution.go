package exercises

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/display"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/worksheet"
)

// Solution is the verb that shows the model solution.
func Solution(s *cli.Session) *cobra.Command {
	spoil := false
	cmd := &cobra.Command{
		Use:               "solution EXERCISE",
		Short:             "Show our solution beside yours, once yours has passed",
		Args:              cli.Takes(1, 1, "one exercise"),
		ValidArgsFunction: cli.Offering(1, offerExercises),
		RunE: s.Exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
			e, err := names.Exercise(all, args[0])
			if err != nil {
				return err
			}
			file := path.Join(solutionOf(e), "model.go")
			model, err := os.ReadFile(filepath.Join(s.Root, filepath.FromSlash(file)))
			if err != nil {
				return fmt.Errorf("the solutions are not in this folder; the project has them, and your teacher")
			}
			if spoil {
				return display.Source(s.Screen, file, string(model))
			}
			task := grade.Task{Root: s.Root, Student: s.Root, Exercises: []catalog.Exercise{e}, Limits: usualLimits}
			if err := drive.ChooseForExercises(ctx, s, "", task.Exercises); err != nil {
				return err
			}
			task.Guest = s.Guest
			results, err := gradeAll(ctx, s.Screen, task, func(grade.Result) {})
			if err != nil {
				return err
			}
			if results[0].Result != report.Passed {
				return fmt.Errorf("%s has not passed yet; to see the solution all the same, and spoil the exercise, give --spoil", e.Name)
			}
			text, err := compared(s.Root, e, string(model))
			if err != nil {
				return err
			}
			return display.Source(s.Screen, e.File+" and "+file, text)
		}),
	}
	cmd.Flags().BoolVar(&spoil, "spoil", false, "show our solution before yours has passed, which spoils it")
	return cmd
}

// solutionOf is the folder of the solutions of an exercise.
func solutionOf(e catalog.Exercise) string {
	return path.Join("labs", "internal", "solutions", "testdata", e.Lab, e.Name)
}

// compared is the student's solution, ours, what wrong solutions do, and the experiments that show why.
func compared(root string, e catalog.Exercise, model string) (string, error) {
	yours, err := catalog.ReadStudentsFile(filepath.Join(root, filepath.FromSlash(e.File)))
	if err != nil {
		return "", err
	}
	wrong, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path.Join(solutionOf(e), "mistakes.txt"))))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "// Yours\n\n%s\n\n\n// Ours\n\n%s\n", worksheet.Own(yours, e.Name), strings.TrimPrefix(model, "package exercise\n\n"))
	if mistakes := mistakesIn(string(wrong)); len(mistakes) > 0 {
		fmt.Fprintf(&text, "\n// What wrong ones do, by the sentence that they break\n")
		for _, sentence := range slices.Concat(e.Task, e.Rules) {
			if len(mistakes[sentence.ID]) > 0 {
				fmt.Fprintf(&text, "//\n// %s:\n//   - %s\n", sentence.ID, strings.Join(mistakes[sentence.ID], "\n//   - "))
			}
		}
	}
	fmt.Fprintf(&text, "\n// Why, in experiments\n//\n")
	for _, name := range e.Read {
		fmt.Fprintf(&text, "// - go run ./labs show %s\n", name)
	}
	return text.String(), nil
}

// mistakesIn are the sentences that say what is wrong with each wrong solution, from the text of a mistakes.txt, by the name of
// the sentence of the task that it breaks. Package harness/grading describes the form of the text.
func mistakesIn(text string) map[string][]string {
	mistakes := make(map[string][]string)
	for _, part := range strings.Split("\n"+text, "\n-- ")[1:] {
		_, rest, _ := strings.Cut(part, "\n")
		sentence, rest, _ := strings.Cut(rest, "\nSays: ")
		_, rest, _ = strings.Cut(rest, "\nBreaks: ")
		breaks, _, _ := strings.Cut(rest, "\n")
		mistakes[breaks] = append(mistakes[breaks], strings.Join(strings.Fields(sentence), " "))
	}
	return mistakes
}
