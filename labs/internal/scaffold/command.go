package scaffold

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// Command is the verb that starts an experiment, or says what one lacks.
func Command(s *cli.Session) *cobra.Command {
	check, file := false, ""
	cmd := &cobra.Command{
		Use:   "new LAB NAME",
		Short: "Start an experiment of your own, or say what it lacks",
		Long: "Starts an experiment in a new file of the lab. It compiles and passes; each line\n" +
			"that you have to change says TODO. labs/docs/CONTRIBUTING.md says more.",
		Args: func(cmd *cobra.Command, words []string) error {
			if check {
				return cli.Takes(0, 0, "nothing beside --check")(cmd, words)
			}
			return cli.Takes(2, 2, "a lab, and a name such as DialTimeoutGivesUp")(cmd, words)
		},
		ValidArgsFunction: cli.Offering(1, s.OfferLabs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if check {
				return lacking(s.Screen) // it also reports files that don't parse
			}
			return s.Loaded(func(context.Context, []string) error { return start(s, args[0], args[1], file) })(cmd, args)
		},
	}
	cli.PathFlag(cmd, &file, "file", "", "add the experiment at the end of `FILE` in the lab's folder")
	cmd.Flags().BoolVar(&check, "check", false, "say what your experiments lack, in a line for each thing")
	cmd.MarkFlagsMutuallyExclusive("file", "check")
	return cmd
}

// start writes an experiment.
func start(s *cli.Session, lab, name, file string) error {
	known, err := names.Lab(s.Experiments, lab)
	if err != nil {
		return err
	}
	file, err = begin(s.Root, known, name, file)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Screen, "%s\n\nNext:\n", file)
	fmt.Fprintf(s.Screen, "  go run ./labs run %s\n  go run ./labs new --check\n", strings.TrimPrefix(name, "Test"))
	return nil
}

// lacking says what incomplete experiments lack.
func lacking(screen *term.Screen) error {
	root, err := catalog.Root(".")
	if err != nil {
		return err
	}
	lines, err := lackingIn(root)
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(screen, line)
	}
	if len(lines) > 0 {
		return gotest.ErrFailed
	}
	fmt.Fprintln(screen, "Every experiment is complete.")
	return nil
}
