package browse

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/display"
	"socketlabs/labs/internal/find"
)

// Find is the verb that finds experiments by an error, a symptom, an option or other words.
func Find(s *cli.Session) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "find WORDS",
		Short: "Find experiments by an error, a symptom, an option or any words",
		Long: "Finds experiments by what you know, best first, each with what matched:\n" +
			"an error (ETIMEDOUT, or a log line that contains it, in quotes), what you see\n" +
			"(a read that hangs, CLOSE_WAIT in ss), an option, a sysctl, the number of a\n" +
			"claim, any words.",
		Args:              cli.Takes(1, cli.AnyNumber, "words"),
		ValidArgsFunction: cli.Offering(1, find.Names),
		RunE: s.Loaded(func(_ context.Context, args []string) error {
			words := strings.Join(args, " ")
			found := find.NewIndex(s.Root, s.Experiments).Find(words)
			if len(found) == 0 {
				return fmt.Errorf("nothing fits %q; use other words or fewer, or list all experiments: go run ./labs list", words)
			}
			if asJSON {
				return cli.JSON(s.Screen, found)
			}
			return s.Screen.Paged(func(w io.Writer) error { return display.Matches(w, s.Screen.Width(), found) })
		}),
	}
	cmd.Flags().SetInterspersed(false) // "kill -9" is two words
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}
