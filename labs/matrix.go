package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/decisions"
	"socketlabs/labs/gotest"
)

func newMatrixCommand(l *labs) *cobra.Command {
	var asMarkdown bool
	cmd := &cobra.Command{
		Use:               "matrix",
		Short:             "Measure which defence sees which failure, and draw the table",
		Args:              takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: l.loaded(func(ctx context.Context, _ []string) error {
			if asMarkdown {
				return l.matrixMarkdown(ctx)
			}
			return l.matrix(ctx)
		}),
	}
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print the table that the README holds")
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

func (v *matrixView) tick() error {
	if !v.screen.isLive() {
		return nil
	}
	width, height := v.screen.size()
	status := faint.Render(v.results.since())
	for _, draw := range []func(int) string{v.matrix.inWords, v.matrix.inMarks} {
		if table := draw(width); table != "" && strings.Count(table, "\n")+2 < height {
			return v.screen.setBottom(table + "\n" + status)
		}
	}
	return v.screen.setBottom(status)
}

func (v *matrixView) end() error { return endLive(v.screen) }

func (l *labs) matrixMarkdown(ctx context.Context) error {
	table, err := decisions.Measure(ctx, l.root)
	if err == nil {
		_, err = io.WriteString(l.screen, table.Markdown())
	}
	return err
}

func (l *labs) matrix(ctx context.Context) error {
	v := &matrixView{screen: l.screen, results: new(results)}
	err := drive(ctx, l.root, decisions.Args, v, nil)
	if err != nil && !errors.Is(err, gotest.ErrFailed) {
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
