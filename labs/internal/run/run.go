// Package run runs experiments, through go test, and shows what happens.
package run

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/display"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/view"
)

// Command is the verb that runs experiments.
func Command(s *cli.Session) *cobra.Command {
	var keep, place string
	var asPlain, asks bool
	cmd := &cobra.Command{
		Use:               "run [PATTERN]",
		Short:             "Run experiments and draw what happens, as it happens",
		Args:              cli.Takes(0, 1, "at most one pattern"),
		ValidArgsFunction: cli.Offering(1, s.OfferLabs, s.OfferExperiments),
		RunE: s.Loaded(func(ctx context.Context, args []string) error {
			chosen, err := names.Experiments(s.Root, s.Experiments, args)
			if err != nil {
				return display.Instead(s.Screen, err)
			}
			if err := drive.Choose(ctx, s, place, chosen); err != nil {
				return err
			}
			if asPlain = asPlain || !s.Screen.IsLive(); asks {
				return predict(ctx, s, chosen, keep, asPlain)
			}
			return run(ctx, s, chosen, keep, asPlain)
		}),
	}
	cli.OnFlag(cmd, &place)
	cli.KeepFlag(cmd, &keep, drive.KeepUsage)
	cmd.Flags().BoolVar(&asPlain, "plain", false, "print what go test -v prints")
	cmd.Flags().BoolVar(&asks, "predict", false, "ask first what will happen")
	return cmd
}

func run(ctx context.Context, s *cli.Session, chosen []catalog.Experiment, keep string, asPlain bool) error {
	r, err := watch(ctx, s, chosen, keep, asPlain)
	view.Summary(s.Screen, r, err, "run")
	if len(chosen) == 1 && r.Count(gotest.Pass) == 1 {
		fmt.Fprintln(s.Screen, display.Findings(chosen[0], s.Screen.Width()))
	}
	return err
}

// watch runs the experiments and shows what happens, as it happens.
func watch(ctx context.Context, s *cli.Session, chosen []catalog.Experiment, keep string, asPlain bool) (*results.Results, error) {
	r := new(results.Results)
	var v view.View
	switch {
	case asPlain:
		v = view.NewPlain(s.Screen, r)
	case len(chosen) == 1:
		v = view.NewStory(s.Screen, chosen[0], r)
	default:
		v = view.NewProgress(s.Screen, r, len(chosen))
	}
	return r, drive.Experiments(ctx, s, chosen, keep, v)
}
