package browse

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/display"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// List is the verb that lists experiments.
func List(s *cli.Session) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:               "list [LAB]",
		Short:             "List the experiments, what they show, and what they need",
		Args:              cli.Takes(0, 1, "at most one lab or experiment"),
		ValidArgsFunction: cli.Offering(1, s.OfferLabs, s.OfferExperiments),
		RunE: s.Loaded(func(_ context.Context, args []string) error {
			chosen, err := names.Experiments(s.Root, s.Experiments, args)
			if err != nil {
				return err
			}
			if asJSON {
				return cli.JSON(s.Screen, chosen)
			}
			return s.Screen.Paged(func(w io.Writer) error { return list(w, s, chosen) })
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}

func list(w io.Writer, s *cli.Session, chosen []catalog.Experiment) error {
	width := s.Screen.Width()
	for _, lab := range catalog.Labs(s.Root, chosen) {
		head := term.Hang(term.Bold.Render(lab.Name)+"  ", lab.Question, width)
		fmt.Fprintf(w, "%s\n\n", strings.TrimRight(head, " "))
		for _, e := range inLab(chosen, lab.Name) {
			fmt.Fprintln(w, entry(e, width))
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w, display.Legend())
	return err
}

// entry is the list's text for one experiment.
func entry(e catalog.Experiment, width int) string {
	name := display.Verdicts[e.Verdict].String() + " " + term.Bold.Render(names.Short(e))
	claims := strings.Join(e.Claims(), " ")
	if e.Verdict == catalog.Yours {
		claims = e.Verdict.Phrase()
	}
	lines := []string{
		strings.TrimRight(term.Spread(name, fmt.Sprintf("%s  %7s", claims, e.KernelTime()), width), " "),
		term.Hang("  ", e.Title, width),
	}
	if len(e.Needs) > 0 {
		lines = append(lines, term.Hang("  ", term.Faint.Render("needs "+strings.Join(e.Needs, ", ")), width))
	}
	return strings.Join(lines, "\n")
}
