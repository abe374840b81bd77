package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// NewRoot is the command without its verbs. Without a verb it runs overview.
func NewRoot(s *Session, overview func(*Session) error) *cobra.Command {
	root := &cobra.Command{
		Use:           "labs",
		Short:         "Read the experiments on sockets, and watch them run",
		Args:          func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args) },
		RunE:          s.Loaded(func(context.Context, []string) error { return overview(s) }),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(s.Screen)
	root.SetFlagErrorFunc(badFlag)
	root.SetHelpCommand(newHelpCommand(root))
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}

// Execute runs the command that the arguments name. It also refuses help on an unknown command.
func (s *Session) Execute(root *cobra.Command) error {
	var refused error
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if cmd == root {
			refused = unknownCommand(root, root.Flags().Args())
		}
		if refused == nil {
			refused = s.Screen.Paged(func(w io.Writer) error {
				root.SetOut(w)
				help(cmd, args)
				return nil
			})
		}
	})
	return cmp.Or(root.Execute(), refused)
}

// unknownCommand is the error for words that don't begin with a command. It suggests the command that may be meant.
func unknownCommand(root *cobra.Command, words []string) error {
	if len(words) == 0 {
		return nil
	}
	root.SuggestionsMinimumDistance = 2
	meant := ""
	if near := root.SuggestionsFor(words[0]); len(near) > 0 {
		meant = fmt.Sprintf("did you mean %s? ", strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no command %q; %slabs --help lists all", words[0], meant)
}
