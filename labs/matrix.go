package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/decisions"
	"socketlabs/labs/gotest"
)

func newMatrixCommand(l *labs) *cobra.Command {
	var asMarkdown bool
	cmd := &cobra.Command{
		Use:               "matrix",
		Short:             "Measure which defense finds which failure, and draw the table",
		Args:              takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: l.loaded(func(ctx context.Context, _ []string) error {
			return l.matrix(ctx, asMarkdown)
		}),
	}
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print the table in labs/docs/decisions.md")
	return cmd
}

// matrix is the decision table as it is drawn.
type matrix struct{ decisions.Table }

// matrixView draws the table as its cells come in.
type matrixView struct {
	screen  *screen
	results *results
	matrix  matrix
}

func (v *matrixView) event(e gotest.Event) {
	v.results.add(e)
	v.matrix.Add(e)
}

func (v *matrixView) tick() {
	width, height := v.screen.size()
	for _, draw := range []func(int) string{v.matrix.inWords, v.matrix.inMarks} {
		if table := draw(width); table != "" && strings.Count(table, "\n")+2 < height {
			v.screen.show(table, v.results.status())
			return
		}
	}
	v.screen.show("", v.results.status())
}

func (l *labs) matrix(ctx context.Context, asMarkdown bool) error {
	v := &matrixView{screen: l.screen, results: new(results)}
	err := l.drive(ctx, decisions.Args, v, nil)
	if !v.results.canTell(err) {
		return err
	}
	if asMarkdown {
		if err == nil {
			fmt.Fprint(l.screen, v.matrix.Markdown())
		}
		return err
	}
	width := l.screen.width()
	if !l.screen.isTerminal() {
		width = max(width, v.matrix.widthInWords())
	}
	table := v.matrix.inWords(width)
	if table == "" {
		table = v.matrix.inMarks(width)
	}
	fmt.Fprintln(l.screen, table)
	l.failures(v.results)
	l.reasons(v.results)
	return err
}
