package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Say what a command does",
		Args:  atMost(1, "a command"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			for _, cmd := range root.Commands() {
				if cmd.Name() == args[0] {
					return cmd.Help()
				}
			}
			return unknownCommand(root, args[0])
		},
	}
}

func newCompletionCommand(root *cobra.Command) *cobra.Command {
	shells := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print a script that completes commands in a shell: " + strings.Join(shells, ", "),
		Args:      exactly(1, "a shell: "+strings.Join(shells, ", ")),
		ValidArgs: shells,
		RunE: func(_ *cobra.Command, args []string) error {
			out := root.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			case "zsh":
				return root.GenZshCompletion(out)
			}
			return fmt.Errorf("there is no completion for %q; the shells: %s", args[0], strings.Join(shells, ", "))
		},
	}
}

// exactly, atMost and none say what a command takes, and where to look, when it is given something else.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return fmt.Errorf("%s takes %s, and was given %s; try: %s", cmd.CommandPath(), what, given(args), usage(cmd))
	}
}

func atMost(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return fmt.Errorf("%s takes at most %s, and was given %s; try: %s", cmd.CommandPath(), what, given(args), usage(cmd))
	}
}

// oneOrTwo is for hint.
func oneOrTwo(cmd *cobra.Command, args []string) error {
	if len(args) == 1 || len(args) == 2 {
		return nil
	}
	return fmt.Errorf("%s takes an exercise, and how many hints, and was given %s; try: %s", cmd.CommandPath(), given(args), usage(cmd))
}

func none(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes flags only, and was given %s; try: %s", cmd.CommandPath(), given(args), usage(cmd))
}

func given(args []string) string {
	if len(args) == 0 {
		return "nothing"
	}
	quoted := slices.Clone(args)
	for i, arg := range quoted {
		quoted[i] = fmt.Sprintf("%q", arg)
	}
	return strings.Join(quoted, " ")
}

func usage(cmd *cobra.Command) string { return cmd.CommandPath() + " --help" }

// count gives a number of things: 1 experiment, 2 experiments.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
