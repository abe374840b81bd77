package exam

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/source"
)

// Solution is the verb that shows the model solution.
func Solution(s *cli.Session) *cobra.Command {
	spoil := false
	cmd := &cobra.Command{
		Use:               "solution EXERCISE",
		Short:             "Show the model solution, once your own has passed",
		Args:              cli.Takes(1, 1, "one exercise"),
		ValidArgsFunction: cli.Offering(1, offerExercises),
		RunE: s.Exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
			e, err := names.Exercise(all, args[0])
			if err != nil {
				return err
			}
			file := path.Join("labs", "internal", "solutions", "testdata", e.Lab, e.Name, "model.go")
			model, err := os.ReadFile(filepath.Join(s.Root, filepath.FromSlash(file)))
			if err != nil {
				return fmt.Errorf("the solutions are not in this folder; the project has them, and your teacher")
			}
			if !spoil {
				task := grade.Task{Root: s.Root, Student: s.Root, Exercises: []catalog.Exercise{e}, Limits: usualLimits}
				results, err := gradeAll(ctx, s.Screen, task, func(grade.Result) {})
				if err != nil {
					return err
				}
				if results[0].Result != report.Passed {
					return fmt.Errorf("%s has not passed yet; to see the solution all the same, and spoil the exercise, give --spoil", e.Name)
				}
			}
			return source.Show(s.Screen, file, string(model))
		}),
	}
	cmd.Flags().BoolVar(&spoil, "spoil", false, "show it before your own has passed, which spoils it")
	return cmd
}
