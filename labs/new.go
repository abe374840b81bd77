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
	check, file := false, ""
	cmd := &cobra.Command{
		Use:   "new LAB NAME",
		Short: "Start an experiment of your own, or say what it lacks",
		Long: "Starts an experiment in a new file of the lab. It compiles and passes; each line\n" +
			"that you have to change says TODO. labs/docs/CONTRIBUTING.md says more.",
		Args: func(cmd *cobra.Command, words []string) error {
			if check {
				return takes(0, 0, "nothing beside --check")(cmd, words)
			}
			return takes(2, 2, "a lab, and a name such as DialTimeoutGivesUp")(cmd, words)
		},
		ValidArgsFunction: offering(1, l.offerLabs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if check {
				return l.lacking() // what does not parse is among that
			}
			return l.loaded(func(context.Context, []string) error { return l.start(args[0], args[1], file) })(cmd, args)
		},
	}
	cmd.Flags().Var((*pathFlag)(&file), "file", "put it at the end of `FILE` in the lab's folder")
	cmd.Flags().BoolVar(&check, "check", false, "say what your experiments lack, in a line for each thing")
	cmd.MarkFlagsMutuallyExclusive("file", "check")
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
	root, err := catalog.Root(".")
	if err != nil {
		return err
	}
	lines, err := scaffold.Lacking(root)
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
