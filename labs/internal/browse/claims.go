package browse

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/display"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/term"
)

// Claims is the verb that shows the chapter's claims.
func Claims(s *cli.Session) *cobra.Command {
	var asMarkdown, asJSON bool
	cmd := &cobra.Command{
		Use:               "claims",
		Short:             "Show the chapter's claims, and whether each holds",
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: s.Loaded(func(context.Context, []string) error {
			claims, err := catalog.Claims(s.Experiments)
			if err != nil {
				return err
			}
			switch {
			case asMarkdown:
				_, err = io.WriteString(s.Screen, catalog.Markdown(claims, s.Experiments))
			case asJSON:
				err = cli.JSON(s.Screen, claims)
			default:
				err = s.Screen.Paged(func(w io.Writer) error { return showClaims(w, s, claims) })
			}
			return err
		}),
	}
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print the table in labs/docs/claims.md")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	cmd.MarkFlagsMutuallyExclusive("markdown", "json")
	return cmd
}

func showClaims(w io.Writer, s *cli.Session, claims []catalog.Claim) error {
	byName := make(map[string]catalog.Experiment)
	for _, e := range s.Experiments {
		byName[e.Name()] = e
	}
	width := s.Screen.Width()
	for _, c := range claims {
		head := fmt.Sprintf("%s %-3s ", display.Verdicts[c.Verdict], c.ID)
		fmt.Fprintln(w, term.Hang(head, term.Bold.Render(c.Claim), width))
		for _, f := range c.Findings {
			says := names.Short(byName[f.By])
			if f.Explanation != "" {
				says += term.Faint.Render(": " + f.Remark())
			}
			fmt.Fprintln(w, term.Hang("      "+display.Verdicts[f.Verdict].String()+" ", says, width))
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w, display.Legend())
	return err
}
