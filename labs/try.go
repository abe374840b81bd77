package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/gotest"
	"socketlabs/labs/internal/try"
	"socketlabs/labs/timemachine"
)

// trial is what is to be tried, and how it is told.
type trial struct {
	given               rule.Settings
	like, failure, show string
	inRealTime, asJSON  bool

	results  results
	measured try.Measured
}

func newTryCommand(l *labs) *cobra.Command {
	t := new(trial)
	cmd := &cobra.Command{
		Use:   "try",
		Short: "Try your own settings: what they notice, and when, and what they drop",
		Long: "Tries your settings with every failure of Lab 4's table. What takes some seconds is measured\n" +
			"on this machine, the rest in the time machine, or here with --real.",
		Args:              takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	settings := flag.NewFlagSet("", flag.ContinueOnError)
	t.given.Define(settings)
	cmd.Flags().AddGoFlagSet(settings)
	cmd.Flags().Var((*nameFlag)(&t.like), "like", "what `NAME` has by default, with the other flags in place of its own")
	cmd.Flags().Var((*nameFlag)(&t.failure), "failure", "try the failure `NAME` alone")
	cmd.Flags().Var((*nameFlag)(&t.show), "show", "draw what happens in the failure `NAME`")
	cmd.Flags().BoolVar(&t.inRealTime, "real", false, "wait for what takes minutes or hours")
	cmd.Flags().BoolVar(&t.asJSON, "json", false, "print nothing but what was measured, as JSON")
	cmd.RegisterFlagCompletionFunc("like",
		func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return try.ProfileNames(), cobra.ShellCompDirectiveNoFileComp
		})
	cmd.MarkFlagsMutuallyExclusive("failure", "show")
	cmd.MarkFlagsMutuallyExclusive("json", "show")
	cmd.RunE = l.loaded(func(ctx context.Context, _ []string) error { return l.try(ctx, t, cmd.Flags()) })
	return cmd
}

func (l *labs) try(ctx context.Context, t *trial, flags *pflag.FlagSet) error {
	report, err := t.report(flags)
	if err != nil {
		return err
	}
	plan, err := try.NewPlan(report.Settings, report.IsServer(), cmp.Or(t.failure, t.show))
	if err != nil {
		return err
	}
	if !t.asJSON {
		fmt.Fprintln(l.screen, wrapped(report.Head(), l.screen.width()))
	}
	err = l.measure(ctx, t, plan, report)
	if err != nil && !errors.Is(err, gotest.ErrFailed) {
		return err
	}
	report.Results = t.measured.Results(report.Settings)
	if t.asJSON {
		return firstOf(writeJSON(l.screen, report), err)
	}
	l.printTrial(report)
	l.failures(&t.results)
	return err
}

// report begins with what is tried. What the kernel refuses is not.
func (t *trial) report(flags *pflag.FlagSet) (*try.Report, error) {
	report := new(try.Report)
	settings := t.given
	if t.like != "" {
		profile, err := try.ProfileNamed(t.like)
		if err != nil {
			return nil, err
		}
		report.Like, settings = &profile, profile.Settings
	}
	changes := flag.NewFlagSet("", flag.ContinueOnError)
	settings.Define(changes)
	var errs []error
	given := t.like != ""
	flags.Visit(func(f *pflag.Flag) {
		if changes.Lookup(f.Name) != nil {
			errs = append(errs, changes.Set(f.Name, f.Value.String()))
			given = true
		}
	})
	if !given {
		return nil, errors.New("give settings, such as --keepalive 30s,10s,3 --user-timeout 20s, or --like NAME; labs try --help lists them")
	}
	report.Settings, report.Remarks = rule.Taken(settings)
	for _, remark := range report.Remarks {
		if remark.Refused {
			errs = append(errs, fmt.Errorf("%s; go run ./labs run %s shows it", remark.Text, remark.Experiment))
		}
	}
	return report, firstOf(errs...)
}

// measure measures the rows of the plan, each where it belongs.
func (l *labs) measure(ctx context.Context, t *trial, plan try.Plan, report *try.Report) error {
	var v view = &waitView{screen: l.screen, results: &t.results, what: "measuring " + report.Settings.String()}
	if t.show != "" {
		chosen, err := l.find([]string{try.Lab + "/" + try.Test})
		if err != nil {
			return err
		}
		v = newStoryView(l.screen, chosen[0], &t.results)
	}
	v = trialView{v, &t.measured}
	if t.inRealTime {
		if err := os.Setenv("LABS_LONG", "on"); err != nil {
			return err
		}
		return l.drive(ctx, plan.TestArgs(plan.All()), v, nil)
	}
	var failed error
	if len(plan.Quick) > 0 {
		if failed = l.drive(ctx, plan.TestArgs(plan.Quick), v, nil); failed != nil && !errors.Is(failed, gotest.ErrFailed) {
			return failed
		}
	}
	if len(plan.Lengthy) == 0 {
		return failed
	}
	kernels, err := timemachine.Kernels()
	var job *timemachine.Job
	if err == nil {
		job, err = l.compile(ctx, []string{try.Lab}, "")
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, gotest.ErrFailed) {
		report.Left = plan.LeftBecause(err)
		return failed
	}
	if err != nil {
		return err
	}
	defer job.Close()
	job.PassEach([][]string{try.BinaryArgs(plan.Settings, plan.Lengthy)})
	return firstOf(l.follow(v, nil, func(each func(gotest.Event)) (err error) {
		report.Kernel, err = job.Run(ctx, kernels[len(kernels)-1], tripLimit, "", each)
		return err
	}), failed)
}

// trialView is a view of a trial, which takes in what is measured.
type trialView struct {
	view
	measured *try.Measured
}

func (v trialView) event(e gotest.Event) {
	v.view.event(e)
	v.measured.Add(e)
}

// printTrial prints the table, and the sum in words.
func (l *labs) printTrial(report *try.Report) {
	width := l.screen.width()
	for _, r := range report.Results {
		row := try.InWords(r)
		left := fmt.Sprintf("%s %-26s %s", judged(row.Judgement), row.Failure, row.What)
		fmt.Fprintln(l.screen, spread(left, faint.Render(row.Times()), width))
	}
	if len(report.Results) > 0 {
		fmt.Fprintf(l.screen, "\n%s\n\n", legend(width))
	}
	fmt.Fprintln(l.screen, wrapped(strings.Join(report.Tail(), "\n"), width))
}

// judged is the mark of a judgement.
func judged(judgement string) mark {
	for _, j := range judgements {
		if j.name == judgement {
			return j.mark
		}
	}
	return mark{"·", grey}
}

// wrapped wraps each line of a text.
func wrapped(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = wrap(line, width)
	}
	return strings.Join(lines, "\n")
}
