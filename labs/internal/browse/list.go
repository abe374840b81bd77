package browse

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
)

func newListCommand(l *labs) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:               "list [LAB]",
		Short:             "List the experiments, what they show, and what they need",
		Args:              takes(0, 1, "at most one lab or experiment"),
		ValidArgsFunction: offering(1, l.offerLabs, l.offerExperiments),
		RunE: l.loaded(func(_ context.Context, args []string) error {
			chosen, err := l.find(args)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(l.screen, chosen)
			}
			return l.paged(func(w io.Writer) error { return l.list(w, chosen) })
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}

func writeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

func (l *labs) list(w io.Writer, chosen []catalog.Experiment) error {
	width := l.screen.width()
	for _, lab := range catalog.Labs(l.root, chosen) {
		head := hang(bold.Render(lab.Name)+"  ", lab.Question, width)
		fmt.Fprintf(w, "%s\n\n", strings.TrimRight(head, " "))
		for _, e := range inLab(chosen, lab.Name) {
			fmt.Fprintln(w, entry(e, width))
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w, verdictLegend())
	return err
}

// entry is what the list says of an experiment.
func entry(e catalog.Experiment, width int) string {
	name := verdicts[e.Verdict].String() + " " + bold.Render(short(e))
	claims := strings.Join(e.Claims(), " ")
	if e.Verdict == catalog.Yours {
		claims = e.Verdict.Phrase()
	}
	lines := []string{
		strings.TrimRight(spread(name, fmt.Sprintf("%s  %7s", claims, e.KernelTime()), width), " "),
		hang("  ", e.Title, width),
	}
	if len(e.Needs) > 0 {
		lines = append(lines, hang("  ", faint.Render("needs "+strings.Join(e.Needs, ", ")), width))
	}
	return strings.Join(lines, "\n")
}
