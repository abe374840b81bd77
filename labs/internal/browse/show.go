package browse

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/display"
	"socketlabs/labs/internal/names"
)

// Show is the verb that shows the source of an experiment, with what it uses of its lab.
func Show(s *cli.Session) *cobra.Command {
	return &cobra.Command{
		Use:               "show EXPERIMENT",
		Short:             "Show the source of an experiment, and what it uses of its lab",
		Args:              cli.Takes(1, 1, "one experiment"),
		ValidArgsFunction: cli.Offering(1, s.OfferExperiments),
		RunE: s.Loaded(func(_ context.Context, args []string) error {
			e, err := names.Experiment(s.Root, s.Experiments, args)
			if err != nil {
				return display.Instead(s.Screen, err)
			}
			text, err := e.SourceWithUsed(s.Root)
			if err != nil {
				return err
			}
			return display.Source(s.Screen, fmt.Sprintf("%s:%d", e.File, e.Line), text)
		}),
	}
}
