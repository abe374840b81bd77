package cli

import "github.com/spf13/cobra"

func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Say what a command does",
		Args:  Takes(0, 1, "at most one command"),
		ValidArgsFunction: Offering(1, func() (names []string) {
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
