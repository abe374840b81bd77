package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/names"
)

// Offering completes at most so many words in a shell, each with the offers that the command line does not have yet.
func Offering(most int, offers ...func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, taken []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(taken) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var words []string
		for _, offer := range offers {
			words = append(words, offer()...)
		}
		words = slices.DeleteFunc(words, func(word string) bool {
			name, _, _ := strings.Cut(word, "\t")
			return slices.Contains(taken, name)
		})
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// OfferLabs offers the labs that can be read.
func (s *Session) OfferLabs() []string {
	s.load() // what can't be read is not offered
	return names.Labs(s.Experiments)
}

// OfferExperiments offers the experiments that can be read.
func (s *Session) OfferExperiments() (words []string) {
	s.load() // what can't be read is not offered
	for _, e := range s.Experiments {
		words = append(words, names.Short(e)+"\t"+e.Title)
	}
	return words
}

// Completion is the verb that prints what a shell needs for completing words.
func Completion(root *cobra.Command) *cobra.Command {
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
		Args:              Takes(1, 1, "one of "+strings.Join(shells, ", ")),
		ValidArgsFunction: Offering(1, func() []string { return slices.Clone(shells) }),
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
