// Package advise finds settings that meet a goal by the kernel's rule, and verifies them. It says why others don't meet
// it, and how to write those that do.
package advise

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/measure"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// Command is the verb advise.
func Command(s *cli.Session) *cobra.Command {
	var g goal
	cmd := &cobra.Command{
		Use:   "advise",
		Short: "Find settings that detect dead peers, and how to write them",
		Long: "Says which settings detect a dead peer within a time, which don't, and why.\n" +
			"Verifies this in the time machine, and prints how to write settings that do.\n" +
			"With neither --idle nor --in-flight, settings must do so in both cases.",
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: s.Loaded(func(ctx context.Context, _ []string) error {
			if g.within == 0 {
				return errors.New("say how soon: --within 10s; labs advise --help lists its flags")
			}
			if !g.idle && !g.inFlight {
				g.idle, g.inFlight = true, true
			}
			return g.advise(ctx, s)
		}),
	}
	cli.TimeFlag(cmd, &g.within, "within", "find a dead peer within this `TIME`")
	cmd.Flags().BoolVar(&g.idle, "idle", false, "on idle connections")
	cmd.Flags().BoolVar(&g.inFlight, "in-flight", false, "with data in flight")
	cmd.Flags().BoolVar(&g.keepSlowReaders, "keep-slow-readers", false, "drop no peer that does not read for a while")
	cli.TimeFlag(cmd, &g.middlebox, "through-box", "through a middlebox whose idle timeout is `TIME`")
	cmd.Flags().BoolVar(&g.proxy, "through-proxy", false, "through a proxy")
	return cmd
}

func (g goal) advise(ctx context.Context, s *cli.Session) error {
	candidates := g.candidates()
	width := s.Screen.Width()
	fmt.Fprintf(s.Screen, "%s\n\n", term.Wrap(g.String(), width))
	r := new(results.Results)
	m := newMeasurement(view.NewWait(s.Screen, r, "verifying"))
	kernel, noMachine, err := g.verify(ctx, s, candidates, m)
	if err != nil && (!r.CanTell(err) || ctx.Err() != nil) {
		return err
	}
	how := "Measured in virtual time, on Linux " + kernel + "."
	if noMachine != nil {
		how = "By the rule alone, and not measured: " + noMachine.Error() + "."
	}
	var astray []rule.Result
	for i := range candidates {
		c := &candidates[i]
		if noMachine == nil {
			g.check(c, m)
		} else {
			c.unverified = "there is no time machine"
		}
		rows := m.rows.Of(g.plan(*c))
		printCandidate(s.Screen, *c, rows)
		astray = append(astray, m.failed(rows)...)
	}
	fmt.Fprintf(s.Screen, "\n%s\n", term.Wrap(legend, width))
	fmt.Fprintf(s.Screen, "%s\n", term.Wrap(how, width))
	for _, r := range astray {
		fmt.Fprintln(s.Screen, term.Wrap(fmt.Sprintf("Not as the rule says: %s. go run ./labs try %s --failure '%s' shows it.", r.Failure, r.Settings, r.Failure), width))
	}
	return cmp.Or(g.printSnippets(s.Screen, candidates), err)
}

var legend = fmt.Sprintf("%s does it, as measured   %s does it by the rule, not verified   %s does not do it",
	term.Passed, term.Skipped, term.Failed)

// printCandidate prints whether a candidate meets the goal, and if it does, what that costs.
func printCandidate(s *term.Screen, c candidate, rows []rule.Result) {
	mark, text := term.Passed, c.name
	switch {
	case c.why != "":
		mark, text = term.Failed, c.name+": "+c.why
	case c.unverified != "":
		mark, text = term.Skipped, c.name+": not verified: "+c.unverified
	}
	fmt.Fprintln(s, term.Hang(mark.String()+" ", text, s.Width()))
	below := []string{c.settings.String()}
	var measured []string
	for _, r := range rows {
		if row := measure.InWords(r); row.Measured != "" {
			measured = append(measured, row.Failure+": "+row.Measured)
		}
	}
	if measured != nil {
		below = append(below, "measured: "+strings.Join(measured, "; "))
	}
	if text := costs(c.settings); text != "" && c.why == "" {
		below = append(below, "costs: "+text)
	}
	for _, text := range below {
		fmt.Fprintln(s, term.Hang("    ", term.Faint.Render(text), s.Width()))
	}
}
