// Package report runs all experiments, and writes the page about them. It never leaves an incomplete page.
package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/reportpage"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/view"
	"socketlabs/labs/internal/wholefile"
)

// Command is the verb report.
func Command(s *cli.Session) *cobra.Command {
	file, from, keep, place := "report.html", "", "", ""
	cmd := &cobra.Command{
		Use:               "report",
		Short:             "Run the experiments, and write a page with pictures of them",
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              s.Loaded(func(ctx context.Context, _ []string) error { return write(ctx, s, file, from, keep, place) }),
	}
	cli.PathFlag(cmd, &file, "output", "o", "write the page to `FILE`")
	cli.FromFlag(cmd, &from, "run nothing, and take what --keep has left in `DIR`")
	cli.KeepFlag(cmd, &keep, drive.KeepUsage)
	cli.OnFlag(cmd, &place)
	cmd.MarkFlagsMutuallyExclusive("from", "keep")
	cmd.MarkFlagsMutuallyExclusive("from", "on")
	return cmd
}

// write runs the experiments, and writes the page. If an experiment fails, it returns an error, but still writes the page.
func write(ctx context.Context, s *cli.Session, file, from, keep, place string) error {
	if err := wholefile.CanReplace(file); err != nil {
		return err
	}
	if from != "" {
		return writeAbout(ctx, s, file, from)
	}
	if err := drive.Choose(ctx, s, place, s.Experiments); err != nil {
		return err
	}
	if keep == "" {
		dir, err := os.MkdirTemp("", "labs-report-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		keep = dir
	}
	failed := observe(ctx, s, keep)
	if failed != nil && !errors.Is(failed, gotest.ErrFailed) {
		return failed
	}
	return cmp.Or(writeAbout(ctx, s, file, keep), failed)
}

// observe runs all experiments, measures how late timeouts fire, and keeps the results of both.
func observe(ctx context.Context, s *cli.Session, keep string) error {
	r := new(results.Results)
	failed := drive.Experiments(ctx, s, s.Experiments, keep, view.NewProgress(s.Screen, r, len(s.Experiments)))
	view.Summary(s.Screen, r, failed, "run")
	if failed != nil && !errors.Is(failed, gotest.ErrFailed) {
		return failed
	}
	return cmp.Or(measureLateness(ctx, s, keep), failed)
}

// measureLateness runs each benchmark that measures how late timeouts fire, once.
func measureLateness(ctx context.Context, s *cli.Session, keep string) error {
	keeper, err := drive.NewKeeper(keep, "")
	if err != nil {
		return err
	}
	benchmarks := drive.Set{Folders: names.Labs(s.Experiments), Args: []string{"-run=^$", "-bench=Lateness$", "-benchtime=1x", "-short"}}
	r := new(results.Results)
	err = drive.Run(ctx, s, benchmarks, view.NewWait(s.Screen, r, "measuring how late timeouts fire"), keeper)
	view.Failures(s.Screen, r)
	return err
}

// writeAbout writes the page about the runs in a folder.
func writeAbout(ctx context.Context, s *cli.Session, file, from string) error {
	runs, err := kept.Read(from)
	if err != nil {
		return err
	}
	size, err := wholefile.Replace(file, func(w io.Writer) error {
		return cmp.Or(reportpage.Write(w, s.Root, runs), ctx.Err())
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Screen, "\n%s: %s, %d kB\n", file, story.Count(shown(s.Experiments, runs), "experiment"), (size+999)/1000)
	return nil
}

// shown counts the experiments that the page shows, each once. The page leaves out tests that are not, or no longer,
// experiments of the labs.
func shown(experiments []catalog.Experiment, runs []kept.Run) (n int) {
	ran := make(map[string]bool)
	for _, run := range runs {
		for _, t := range run.Tests {
			experiment, _, _ := strings.Cut(t.Test, "/")
			ran[t.Lab+"/"+experiment] = true
		}
	}
	for _, e := range experiments {
		if ran[e.Name()] {
			n++
		}
	}
	return n
}
