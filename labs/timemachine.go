package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
	"socketlabs/labs/timemachine"
)

// tripLimit is after what time of ours a kernel is stopped.
const tripLimit = 10 * time.Minute

// journey is how the time machine is asked to travel.
type journey struct {
	files                   []string // kernels
	all, asMarkdown, asJSON bool
	keep                    string
	limit                   time.Duration
}

func newTimemachineCommand(l *labs) *cobra.Command {
	j := journey{limit: tripLimit}
	cmd := &cobra.Command{
		Use:   "timemachine [PATTERN]",
		Short: "Run experiments that take hours in seconds, on other kernels",
		Long: "Boots Linux kernels in QEMU, whose clock jumps while the machine waits, and runs\n" +
			"the experiments there that wait for minutes and hours. \"make kernels\" gets the\n" +
			"kernels on Debian. Neither root nor /dev/kvm is needed.",
		Args:              takes(0, 1, "at most one pattern"),
		ValidArgsFunction: offering(1, l.offerLabs, l.offerExperiments),
		RunE:              l.loaded(func(ctx context.Context, args []string) error { return l.timemachine(ctx, args, j) }),
	}
	cmd.Flags().Var((*pathsFlag)(&j.files), "kernel", "boot the kernel in `FILE`; may be given several times")
	cmd.Flags().BoolVar(&j.all, "all", false, "run the ordinary experiments, too")
	keepFlag(cmd, &j.keep, "keep what comes of them in `DIR`/kernel/lab/test")
	cmd.Flags().Var((*limitFlag)(&j.limit), "limit", "stop a kernel after this `TIME`")
	cmd.Flags().BoolVar(&j.asMarkdown, "markdown", false, "print nothing but the table, as the README holds it")
	cmd.Flags().BoolVar(&j.asJSON, "json", false, "print nothing but what was measured, as JSON")
	cmd.MarkFlagsMutuallyExclusive("markdown", "json")
	return cmd
}

func (l *labs) timemachine(ctx context.Context, args []string, j journey) error {
	chosen, err := l.find(args)
	if err != nil {
		return err
	}
	if !j.all {
		chosen = slices.DeleteFunc(slices.Clone(chosen), func(e catalog.Experiment) bool { return !e.Long })
		if len(chosen) == 0 {
			return fmt.Errorf("%s takes minutes; with --all the others travel, too", nothingOf(args))
		}
	}
	kernels, err := j.kernels()
	if err != nil {
		return err
	}
	folders, pattern := testsOf(chosen, j.keep != "")
	job, err := l.compile(ctx, folders, pattern)
	if err != nil {
		return err
	}
	defer job.Close()
	var trips []*trip
	failed := false
	for _, kernel := range kernels {
		t, err := l.travel(ctx, job, kernel, chosen, j)
		if failed = failed || errors.Is(err, gotest.ErrFailed); err != nil && !errors.Is(err, gotest.ErrFailed) {
			return err
		}
		trips = append(trips, t)
	}
	if err := l.times(chosen, trips, j); err != nil {
		return err
	}
	if failed {
		return gotest.ErrFailed
	}
	return nil
}

// compile compiles what travels, and shows how far that is.
func (l *labs) compile(ctx context.Context, folders []string, pattern string) (job *timemachine.Job, err error) {
	begun := new(results)
	err = l.during(func() { l.screen.show("", begun.status()) }, func(then func(func())) (err error) {
		job, err = timemachine.Compile(ctx, l.root, folders, pattern, func(c *gotest.Compiling) {
			then(func() { begun.compiling = c })
		})
		return err
	})
	return job, err
}

// nothingOf names what none of the experiments is.
func nothingOf(args []string) string {
	if len(args) == 0 {
		return "no experiment here"
	}
	return fmt.Sprintf("none of what %q fits", args[0])
}

// isQuiet reports whether nothing but the result is to be printed.
func (j journey) isQuiet() bool { return j.asMarkdown || j.asJSON }

// again is the command that runs one of these experiments again.
func (j journey) again() string {
	if j.all {
		return "timemachine --all"
	}
	return "timemachine"
}

// kernels are those that were asked for, or else those that there are.
func (j journey) kernels() ([]timemachine.Kernel, error) {
	if len(j.files) == 0 {
		return timemachine.Kernels()
	}
	var kernels []timemachine.Kernel
	for _, file := range j.files {
		kernel, err := timemachine.OpenKernel(file)
		if err != nil {
			return nil, err
		}
		kernels = append(kernels, kernel)
	}
	return kernels, nil
}

// trip is what came of the experiments on one kernel.
type trip struct {
	release string
	results *results
	wall    time.Duration
}

// travel runs the job on one kernel, and shows what happens.
func (l *labs) travel(ctx context.Context, job *timemachine.Job, kernel timemachine.Kernel, chosen []catalog.Experiment, j journey) (*trip, error) {
	t := &trip{results: &results{awaits: "booting"}}
	name := strings.TrimPrefix(filepath.Base(kernel.File), "vmlinuz-")
	var v view = &waitView{l.screen, t.results, "on " + name}
	if !j.isQuiet() {
		fmt.Fprintf(l.screen, "%s\n\n", bold.Render("On "+name))
		v = &progressView{screen: l.screen, results: t.results, chosen: len(chosen)}
		if len(chosen) == 1 {
			v = newStoryView(l.screen, chosen[0], t.results)
		}
	}
	var kept *keeper
	left := ""
	if j.keep != "" {
		var err error
		if kept, err = newKeeper(j.keep, name); err != nil {
			return t, err
		}
		left = kept.folder.Artifacts
		v = withoutDoctor{v}
	}
	began := time.Now()
	err := l.follow(v, kept, func(each func(gotest.Event)) (err error) {
		t.release, err = job.Run(ctx, kernel, j.limit, left, each)
		return err
	})
	t.wall = time.Since(began)
	if !j.isQuiet() {
		l.summary(t.results, err, j.again())
		fmt.Fprintln(l.screen)
	}
	return t, err
}
