package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/report"
)

func newReportCommand(l *labs) *cobra.Command {
	file, from, keep := "report.html", "", ""
	cmd := &cobra.Command{
		Use:               "report",
		Short:             "Run all experiments, and write a page with pictures of them",
		Args:              takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              l.loaded(func(ctx context.Context, _ []string) error { return l.report(ctx, file, from, keep) }),
	}
	cmd.Flags().VarP((*pathFlag)(&file), "output", "o", "write the page to `FILE`")
	fromFlag(cmd, &from, "run nothing, and take what --keep has left in `DIR`")
	keepFlag(cmd, &keep, keepUsage)
	cmd.MarkFlagsMutuallyExclusive("from", "keep")
	return cmd
}

// report writes the page. That an experiment failed is an error, but no reason not to write it.
func (l *labs) report(ctx context.Context, file, from, keep string) error {
	if err := canReplace(file); err != nil {
		return err
	}
	if from != "" {
		return l.writeReport(ctx, file, from)
	}
	if keep == "" {
		dir, err := os.MkdirTemp("", "labs-report-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		keep = dir
	}
	failed := l.observe(ctx, keep)
	if failed != nil && !errors.Is(failed, gotest.ErrFailed) {
		return failed
	}
	return firstOf(l.writeReport(ctx, file, keep), failed)
}

// observe runs all experiments, measures how late timeouts fire, and keeps what comes of both.
func (l *labs) observe(ctx context.Context, keep string) error {
	results := new(results)
	v := &progressView{screen: l.screen, results: results, chosen: len(l.experiments)}
	failed := l.experiment(ctx, l.experiments, keep, v)
	l.summary(results, failed, "run")
	if failed != nil && !errors.Is(failed, gotest.ErrFailed) {
		return failed
	}
	return firstOf(l.measureLateness(ctx, keep), failed)
}

// measureLateness runs the benchmarks that say how late timeouts fire, each once.
func (l *labs) measureLateness(ctx context.Context, keep string) error {
	keeper, err := newKeeper(keep, "")
	if err != nil {
		return err
	}
	args := append(keeper.args(), "-run", "^$", "-bench", "Lateness$", "-benchtime", "1x", "-short")
	for _, lab := range l.labNames() {
		args = append(args, "./"+lab)
	}
	v := &waitView{screen: l.screen, results: new(results), what: "measuring how late timeouts fire"}
	err = l.drive(ctx, args, v, keeper)
	l.failures(v.results)
	return err
}

// writeReport writes the page about what is kept in a folder.
func (l *labs) writeReport(ctx context.Context, file, from string) error {
	runs, err := kept.Read(from)
	if err != nil {
		return err
	}
	size, err := replace(file, func(page io.Writer) error {
		return firstOf(report.Write(page, l.root, runs), ctx.Err())
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(l.screen, "\n%s: %s, %d kB\n", file, story.Count(l.experimentsIn(runs), "experiment"), (size+999)/1000)
	return nil
}

// experimentsIn counts the experiments that the page shows, each once: a test that was kept and is no experiment of
// ours, or not any more, is not shown.
func (l *labs) experimentsIn(runs []kept.Run) (shown int) {
	ran := make(map[string]bool)
	for _, run := range runs {
		for _, t := range run.Tests {
			experiment, _, _ := strings.Cut(t.Test, "/")
			ran[t.Lab+"/"+experiment] = true
		}
	}
	for _, e := range l.experiments {
		if ran[e.Name()] {
			shown++
		}
	}
	return shown
}
