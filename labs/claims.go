package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"socketlabs/labs/catalog"
)

func newClaimsCommand(l *labs) *cobra.Command {
	var asMarkdown, asJSON bool
	cmd := &cobra.Command{
		Use:               "claims",
		Short:             "Show the chapter's claims, and what became of each",
		Args:              takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: l.loaded(func(context.Context, []string) error {
			claims, err := catalog.Claims(l.experiments)
			if err != nil {
				return err
			}
			switch {
			case asMarkdown:
				_, err = io.WriteString(l.screen, catalog.Markdown(claims, l.experiments))
			case asJSON:
				err = writeJSON(l.screen, claims)
			default:
				err = l.paged(func(w io.Writer) error { return l.claims(w, claims) })
			}
			return err
		}),
	}
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print the table in labs/docs/claims.md")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	cmd.MarkFlagsMutuallyExclusive("markdown", "json")
	return cmd
}

func (l *labs) claims(w io.Writer, claims []catalog.Claim) error {
	byName := make(map[string]catalog.Experiment)
	for _, e := range l.experiments {
		byName[e.Name()] = e
	}
	width := l.screen.width()
	for _, c := range claims {
		head := fmt.Sprintf("%s %-3s ", verdicts[c.Verdict], c.ID)
		fmt.Fprintln(w, hang(head, bold.Render(c.Claim), width))
		for _, f := range c.Findings {
			says := short(byName[f.By])
			if f.Explanation != "" {
				says += faint.Render(": " + f.Remark())
			}
			fmt.Fprintln(w, hang("      "+verdicts[f.Verdict].String()+" ", says, width))
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w, verdictLegend())
	return err
}
