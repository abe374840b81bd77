package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
	"socketlabs/labs/internal/scaffold"
)

func newNewCommand(l *labs) *cobra.Command {
	check := false
	cmd := &cobra.Command{
		Use:   "new LAB NAME [FILE]",
		Short: "Start an experiment of your own, or say what it lacks",
		Long: "Writes an experiment to FILE in the folder of the lab, or to a new file. It compiles\n" +
			"and passes; each line that you have to change says TODO. With --check, says what\n" +
			"your experiments lack. labs/docs/CONTRIBUTING.md says more.",
		Args: func(cmd *cobra.Command, words []string) error {
			if check {
				return takes(0, 0, "nothing beside --check")(cmd, words)
			}
			return takes(2, 3, "a lab, a name such as DialTimeoutGivesUp, and perhaps a file")(cmd, words)
		},
		ValidArgsFunction: offering(1, l.offerLabs),
		RunE: l.loaded(func(_ context.Context, args []string) error {
			if check {
				return l.lacking()
			}
			return l.start(args[0], args[1], strings.Join(args[2:], ""))
		}),
	}
	cmd.Flags().BoolVar(&check, "check", false, "say what your experiments lack, one line each")
	return cmd
}

// start writes an experiment.
func (l *labs) start(lab, name, file string) error {
	for _, known := range l.labNames() {
		if isLab(catalog.Experiment{Lab: known}, lab) {
			file, err := scaffold.New(l.root, known, name, file)
			if err != nil {
				return err
			}
			fmt.Fprintf(l.screen, "%s\n\nNext:\n", file)
			fmt.Fprintf(l.screen, "  go run ./labs run %s\n  go run ./labs new --check\n", strings.TrimPrefix(name, "Test"))
			return nil
		}
	}
	return fmt.Errorf("there is no lab %q; the labs: %s", lab, strings.Join(l.labNames(), ", "))
}

// lacking says what experiments lack that are not complete.
func (l *labs) lacking() error {
	lines, err := scaffold.Lacking(l.root)
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(l.screen, line)
	}
	if len(lines) > 0 {
		return gotest.ErrFailed
	}
	fmt.Fprintln(l.screen, "Every experiment is complete.")
	return nil
}
