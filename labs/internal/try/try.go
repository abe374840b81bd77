// Package try tries a reader's own settings with every failure of Lab 4's table.
package try

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/measure"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// trying is what to try, and how to report it.
type trying struct {
	given              rule.Settings
	like, show         string
	some               []string // which failures; all if it is empty
	middlebox          time.Duration
	inRealTime, asJSON bool
	keep, picture      string
	place              string // where to measure what takes some seconds

	results  results.Results
	measured measure.Results
}

// ordinaryMiddlebox is the idle timeout of an ordinary middlebox: AWS's Network Load Balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html
const ordinaryMiddlebox = 350 * time.Second

// Command is the verb try.
func Command(s *cli.Session) *cobra.Command { return new(trying).command(s) }

func (t *trying) command(s *cli.Session) *cobra.Command {
	t.middlebox = ordinaryMiddlebox
	cmd := &cobra.Command{
		Use:   "try",
		Short: "Try your own settings: what they notice, and what they drop",
		Long: "Tries your settings with every failure of Lab 4's table, and compares the\n" +
			"results with the kernel's rule. What takes some seconds is measured on this\n" +
			"machine, and the rest in the time machine, or here with --real. Unless you say\n" +
			"otherwise, a middlebox forgets a connection after 350 s of silence, and a\n" +
			"heartbeat ends a connection after three pings without an answer. With --like\n" +
			"NAME, other flags replace single settings of NAME's.\n\n" + term.Wrap("NAME is one of "+strings.Join(profileNames(), ", ")+".", 80),
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	settings := flag.NewFlagSet("", flag.ContinueOnError)
	t.given.Define(settings)
	cmd.Flags().AddGoFlagSet(settings)
	cli.TimeFlag(cmd, &t.middlebox, "box", "middlebox forgets after `TIME` of silence")
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.DefValue = "" }) // the defaults are in the text above
	cli.NameFlag(cmd, &t.like, "like", "what `NAME` has by default")
	cli.NamesFlag(cmd, &t.some, "failure", "try failures with these `WORDS`; repeat it")
	cli.NameFlag(cmd, &t.show, "show", "draw the failure with these `WORDS`")
	cli.PathFlag(cmd, &t.picture, "output", "o", "with --show, write its picture to `FILE`")
	cli.KeepFlag(cmd, &t.keep, "keep stories and captures in `DIR`")
	cli.OnFlag(cmd, &t.place)
	cmd.Flags().BoolVar(&t.inRealTime, "real", false, "wait for what takes minutes or hours")
	cmd.Flags().BoolVar(&t.asJSON, "json", false, "print what was measured, as JSON")
	offers := map[string]func() []string{"like": profileNames, "failure": failureNames, "show": failureNames}
	for name, offer := range offers {
		cmd.RegisterFlagCompletionFunc(name, cli.Offering(1, offer))
	}
	cmd.MarkFlagsMutuallyExclusive("failure", "show")
	cmd.MarkFlagsMutuallyExclusive("json", "show")
	cmd.MarkFlagsMutuallyExclusive("on", "real")
	cmd.RunE = s.Loaded(func(ctx context.Context, _ []string) error { return t.try(ctx, s, cmd.Flags()) })
	return cmd
}

func failureNames() (all []string) {
	for _, f := range rule.Failures {
		all = append(all, f.Name)
	}
	return all
}

func (t *trying) try(ctx context.Context, s *cli.Session, flags *pflag.FlagSet) error {
	report, err := t.report(flags)
	if err == nil {
		err = t.checkPicture()
	}
	if err != nil {
		return err
	}
	failures, err := t.failures(report)
	if err != nil {
		return err
	}
	plan := measure.NewPlan(report.Settings, t.middlebox, failures)
	if !t.asJSON {
		fmt.Fprintln(s.Screen, wrapped(report.head(), s.Screen.Width()))
	}
	err = t.measure(ctx, s, plan, report)
	if err != nil && !t.results.CanTell(err) {
		return err
	}
	report.Results = t.measured.Of(plan)
	if t.asJSON {
		return cmp.Or(err, cli.JSON(s.Screen, report))
	}
	report.print(s.Screen)
	view.Failures(s.Screen, &t.results)
	view.Reasons(s.Screen, &t.results)
	if t.picture != "" {
		return cmp.Or(t.writePicture(s, report), err)
	}
	return err
}

// measure measures the rows of the plan, each in its place.
func (t *trying) measure(ctx context.Context, s *cli.Session, plan measure.Plan, r *report) error {
	v, err := t.view(s, "measuring "+r.Settings.String())
	if err != nil {
		return err
	}
	if t.inRealTime {
		if !t.asJSON {
			fmt.Fprintf(s.Screen, "This takes %s.\n", story.Exactly(measure.Longest(plan.All()).Round(time.Second)))
		}
		return plan.InRealTime(ctx, s, plan.All(), t.keep, v)
	}
	chosen, err := names.Experiments(s.Root, s.Experiments, []string{measure.Lab + "/" + measure.Test})
	if err != nil {
		return err
	}
	if err := drive.Choose(ctx, s, t.place, chosen); err != nil {
		return err
	}
	if s.Guest != nil { // then the quick rows are measured there, too
		r.allInGuest = true
		plan.Quick, plan.Lengthy = nil, slices.Concat(plan.Quick, plan.Lengthy)
	}
	var failed error
	if len(plan.Quick) > 0 {
		if failed = plan.InRealTime(ctx, s, plan.Quick, t.keep, v); !t.results.CanTell(failed) || ctx.Err() != nil {
			return failed
		}
	}
	if len(plan.TooFar) > 0 {
		r.Left = append(r.Left, measure.Left(plan.TooFar, "The time machine goes no further than a day"))
	}
	if len(plan.Lengthy) == 0 {
		return failed
	}
	machine, err := measure.NewMachine(ctx, s, plan.MachineArgs(plan.Lengthy))
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		r.Left = append(r.Left, measure.Left(plan.Lengthy, "There is no time machine: "+err.Error()))
		return failed
	}
	defer machine.Close()
	r.Kernel, err = machine.Run(ctx, s, t.keep, v)
	return cmp.Or(err, failed)
}

// view draws the failure of --show. Without that flag, it only says what is measured.
func (t *trying) view(s *cli.Session, what string) (view.View, error) {
	v := view.NewWait(s.Screen, &t.results, what)
	if t.show != "" {
		chosen, err := names.Experiments(s.Root, s.Experiments, []string{measure.Lab + "/" + measure.Test})
		if err != nil {
			return nil, err
		}
		v = view.NewStory(s.Screen, chosen[0], &t.results)
	}
	return t.measured.Noted(v), nil
}

// wrapped wraps each line of a text.
func wrapped(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = term.Wrap(line, width)
	}
	return strings.Join(lines, "\n")
}
