// Package travel is the verb timemachine: it runs experiments on other kernels, in virtual time, and shows the measured times.
package travel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/timemachine"
	"socketlabs/labs/internal/view"
)

// journey is what the command line asks for.
type journey struct {
	files                   []string // files of kernels
	all, asMarkdown, asJSON bool
	keep, own               string
	limit                   time.Duration
}

// Command is the verb timemachine.
func Command(s *cli.Session) *cobra.Command {
	j := journey{limit: 10 * time.Minute}
	cmd := &cobra.Command{
		Use:   "timemachine [PATTERN]",
		Short: "Run experiments of minutes or hours in seconds, on other kernels",
		Long: "Boots Linux kernels in QEMU, whose clock jumps while the machine waits, and runs\n" +
			"the experiments that wait for minutes or hours. The kernels are the one that\n" +
			"\"labs kernel\" gets, and Debian's if \"make kernels\" has downloaded them. QEMU\n" +
			"needs neither root nor /dev/kvm.",
		Args:              cli.Takes(0, 1, "at most one pattern"),
		ValidArgsFunction: cli.Offering(1, s.OfferLabs, s.OfferExperiments),
		RunE:              s.Loaded(func(ctx context.Context, args []string) error { return j.begin(ctx, s, args) }),
	}
	cli.PathsFlag(cmd, &j.files, "kernel", "boot the kernel in `FILE`; may be given several times")
	cmd.Flags().BoolVar(&j.all, "all", false, "run the ordinary experiments, too")
	cli.KeepFlag(cmd, &j.keep, "keep stories and captures in `DIR`/kernel/lab/test")
	cli.OwnFlag(cmd, &j.own)
	cli.LimitFlag(cmd, &j.limit, "stop a kernel after this `TIME`")
	cmd.Flags().BoolVar(&j.asMarkdown, "markdown", false, "print nothing but the table in labs/docs/timemachine.md")
	cmd.Flags().BoolVar(&j.asJSON, "json", false, "print nothing but what was measured, as JSON")
	cmd.MarkFlagsMutuallyExclusive("markdown", "json")
	return cmd
}

func (j journey) begin(ctx context.Context, s *cli.Session, args []string) error {
	chosen, err := names.Experiments(s.Root, s.Experiments, args)
	if err != nil {
		return err
	}
	if !j.all {
		chosen = slices.DeleteFunc(slices.Clone(chosen), func(e catalog.Experiment) bool { return !e.Long })
		if len(chosen) == 0 {
			return fmt.Errorf("%s takes minutes; with --all, the others run, too", nothingOf(args))
		}
	}
	kernels, err := j.kernels(ctx, s)
	if err != nil {
		return err
	}
	job, err := drive.Compile(ctx, s, drive.Of(chosen, j.keep != ""))
	if err != nil {
		return err
	}
	defer job.Close()
	var trips []*trip
	failed := false
	for _, kernel := range kernels {
		t, err := j.travel(ctx, s.Screen, job, kernel, chosen)
		if failed = failed || errors.Is(err, gotest.ErrFailed); err != nil && !errors.Is(err, gotest.ErrFailed) {
			return err
		}
		trips = append(trips, t)
	}
	if j.own != "" {
		own, err := ownTrip(j.own)
		if err != nil {
			return err
		}
		trips = append(trips, own)
	}
	if err := j.times(s.Screen, chosen, trips); err != nil {
		return err
	}
	if failed {
		return gotest.ErrFailed
	}
	return nil
}

// nothingOf is the subject of an error: that none of the experiments in args takes minutes.
func nothingOf(args []string) string {
	if len(args) == 0 {
		return "no experiment here"
	}
	return fmt.Sprintf("no experiment that matches %q", args[0])
}

// isQuiet reports whether to print only the result.
func (j journey) isQuiet() bool { return j.asMarkdown || j.asJSON }

// again is the command that runs one of these experiments again, without the experiment's name.
func (j journey) again() string {
	if j.all {
		return "timemachine --all"
	}
	return "timemachine"
}

// kernels are the given kernels, or else all kernels.
func (j journey) kernels(ctx context.Context, s *cli.Session) (kernels []timemachine.Kernel, err error) {
	if len(j.files) == 0 {
		err = drive.Await(s, "getting a kernel", func() (err error) {
			kernels, err = timemachine.Kernels(ctx)
			return err
		})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if len(kernels) == 0 {
			return nil, fmt.Errorf("%w, or give --kernel FILE", err)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "labs:", err) // and continue with the other kernels
		}
		return kernels, nil
	}
	for _, file := range j.files {
		kernel, err := timemachine.OpenKernel(file)
		if err != nil {
			return nil, err
		}
		kernels = append(kernels, kernel)
	}
	return kernels, nil
}

// trip is the experiments on one kernel, with their outcomes.
type trip struct {
	release string
	results *results.Results
	wall    time.Duration
	own     map[string]measured // by experiment, on this machine; nil for another kernel
}

// travel runs the job on a kernel, and shows its progress.
func (j journey) travel(ctx context.Context, s *term.Screen, job *timemachine.Job, kernel timemachine.Kernel, chosen []catalog.Experiment) (*trip, error) {
	t := &trip{results: &results.Results{Awaits: "booting"}}
	v := view.NewWait(s, t.results, "on "+kernel.Name())
	if !j.isQuiet() {
		fmt.Fprintf(s, "%s\n\n", term.Bold.Render("On "+kernel.Name()))
		v = view.NewProgress(s, t.results, len(chosen))
		if len(chosen) == 1 {
			v = view.NewStory(s, chosen[0], t.results)
		}
	}
	var kept *drive.Keeper
	left := ""
	if j.keep != "" {
		var err error
		if kept, err = drive.NewKeeper(j.keep, kernel.Name()); err != nil {
			return t, err
		}
		left = kept.Artifacts()
		v = drive.WithoutMachineTest(v)
	}
	began := time.Now()
	err := drive.Follow(s, v, kept, func(each func(gotest.Event)) (err error) {
		t.release, err = job.Run(ctx, kernel, j.limit, left, each)
		return err
	})
	t.wall = time.Since(began)
	if !j.isQuiet() {
		view.Summary(s, t.results, err, j.again())
		fmt.Fprintln(s)
	}
	return t, err
}
