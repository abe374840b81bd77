package cli

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
		Args:  takes(0, 1, "at most one command"),
		ValidArgsFunction: offering(1, func() (names []string) {
			for _, cmd := range root.Commands() {
				if cmd.IsAvailableCommand() {
					names = append(names, cmd.Name()+"\t"+cmd.Short)
				}
			}
			return names
		}),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			for _, cmd := range root.Commands() {
				if cmd.Name() == args[0] {
					return cmd.Help()
				}
			}
			return unknownCommand(root, args)
		},
	}
}

func newCompletionCommand(root *cobra.Command) *cobra.Command {
	shells := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script by which a shell completes commands",
		Long: "Prints a script by which a shell completes the words of the command labs, which\n" +
			"\"go install ./labs\" installs. In the shell, say:\n\n" +
			"  bash        source <(labs completion bash), with bash-completion installed\n" +
			"  fish        labs completion fish | source\n" +
			"  powershell  labs completion powershell | Out-String | Invoke-Expression\n" +
			"  zsh         source <(labs completion zsh), after compinit",
		Args:              takes(1, 1, "one of "+strings.Join(shells, ", ")),
		ValidArgsFunction: offering(1, func() []string { return slices.Clone(shells) }),
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
