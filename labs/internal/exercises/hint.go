package exercises

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// Hint is the verb that gives hints.
func Hint(s *cli.Session) *cobra.Command {
	return &cobra.Command{
		Use:               "hint EXERCISE [N]",
		Short:             "Give a hint, or the first N hints, each of which says more",
		Args:              cli.Takes(1, 2, "an exercise and a number of hints"),
		ValidArgsFunction: offerHints,
		RunE: s.Exercised(func(_ context.Context, all []catalog.Exercise, args []string) error {
			e, err := names.Exercise(all, args[0])
			if err != nil {
				return err
			}
			count := 1
			if len(args) > 1 {
				if count, err = strconv.Atoi(args[1]); err != nil || count < 1 || count > len(e.Hints) {
					return fmt.Errorf("%s has the hints 1 to %d", e.Name, len(e.Hints))
				}
			}
			hint(s.Screen, e, count, fmt.Sprintf("go run ./labs hint %s %d", e.FullName(), count+1))
			return nil
		}),
	}
}

// hint prints hints, and how to get the next one.
func hint(s *term.Screen, e catalog.Exercise, count int, next string) {
	width := s.Width()
	for i, hint := range e.Hints[:count] {
		fmt.Fprintln(s, term.Hang(fmt.Sprintf("%d  ", i+1), hint, width))
	}
	fmt.Fprintln(s)
	if count < len(e.Hints) {
		fmt.Fprintf(s, "The next: %s\n", next)
	}
	for _, name := range e.Read {
		fmt.Fprintf(s, "Read: go run ./labs show %s\n", name)
	}
}
