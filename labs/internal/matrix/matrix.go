// Package matrix measures Lab 4's decision table, and draws it while the cells are measured.
package matrix

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// Command is the verb matrix.
func Command(s *cli.Session) *cobra.Command {
	var asMarkdown bool
	var place string
	cmd := &cobra.Command{
		Use:               "matrix",
		Short:             "Measure which defense finds which failure, and draw the table",
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: s.Loaded(func(ctx context.Context, _ []string) error {
			return measure(ctx, s, place, asMarkdown)
		}),
	}
	cli.OnFlag(cmd, &place)
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print the table in labs/docs/decisions.md")
	return cmd
}

// table draws the decision table.
type table struct{ decisions.Table }

// tableView draws the table while its cells are measured.
type tableView struct {
	screen  *term.Screen
	results *results.Results
	table   table
}

func (v *tableView) Event(e gotest.Event) {
	v.results.Add(e)
	v.table.Add(e)
}

func (v *tableView) Tick() {
	width, height := v.screen.Size()
	for _, draw := range []func(int) string{v.table.inWords, v.table.inMarks} {
		if text := draw(width); text != "" && strings.Count(text, "\n")+2 < height {
			v.screen.Show(text, v.results.Status())
			return
		}
	}
	v.screen.Show("", v.results.Status())
}

func measure(ctx context.Context, s *cli.Session, place string, asMarkdown bool) error {
	chosen, err := names.Experiments(s.Root, s.Experiments, []string{decisions.Lab + "/" + decisions.Test})
	if err != nil {
		return err
	}
	if err := drive.Choose(ctx, s, place, chosen); err != nil {
		return err
	}
	v := &tableView{screen: s.Screen, results: new(results.Results)}
	err = drive.Run(ctx, s, drive.Of(chosen, false), v, nil)
	if !v.results.CanTell(err) {
		return err
	}
	if asMarkdown {
		if err == nil {
			fmt.Fprint(s.Screen, v.table.Markdown())
		}
		return err
	}
	width := s.Screen.Width()
	if !s.Screen.IsTerminal() {
		width = max(width, v.table.widthInWords())
	}
	text := v.table.inWords(width)
	if text == "" {
		text = v.table.inMarks(width)
	}
	fmt.Fprintln(s.Screen, text)
	view.Failures(s.Screen, v.results)
	view.Reasons(s.Screen, v.results)
	return err
}
