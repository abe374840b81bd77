// Package advise finds settings that meet a goal, by the kernel's rule, verifies them, says why others don't, and how
// they are written.
package advise

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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
		Short: "Find settings that find dead peers in time, and how to write them",
		Long: "Says which settings find a dead peer within a time, and which can't, and why;\n" +
			"verifies it in the time machine; and prints how to write the first that do it.\n" +
			"Without --idle and --in-flight, both are asked for.",
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
	cli.TimeFlag(cmd, &g.middlebox, "through-box", "through a middlebox with this idle timeout: `TIME`")
	cmd.Flags().BoolVar(&g.proxy, "through-proxy", false, "through a proxy")
	return cmd
}

func (g goal) advise(ctx context.Context, s *cli.Session) error {
	candidates, err := g.candidates()
	if err != nil {
		return err
	}
	width := s.Screen.Width()
	fmt.Fprintf(s.Screen, "%s\n\n", term.Wrap(g.String(), width))
	var measured measure.Results
	r := new(results.Results)
	kernel, unverified, err := g.verify(ctx, s, candidates, measured.Noted(view.NewWait(s.Screen, r, "verifying")))
	if err != nil && (!r.CanTell(err) || ctx.Err() != nil) {
		return err
	}
	for _, c := range candidates {
		sign, text := term.Passed, c.name
		if c.why != "" {
			sign, text = term.Failed, c.name+": "+c.why
		}
		fmt.Fprintln(s.Screen, term.Hang(sign.String()+" ", text, width))
		fmt.Fprintln(s.Screen, term.Hang("    ", term.Faint.Render(c.settings.String()), width))
		var rows []string
		for _, result := range measured.Of(g.plan(c)) {
			if row := measure.InWords(result); row.Measured != "" {
				rows = append(rows, row.Failure+": "+row.Measured)
			}
		}
		if rows != nil {
			fmt.Fprintln(s.Screen, term.Hang("    ", term.Faint.Render("measured: "+strings.Join(rows, "; ")), width))
		}
	}
	if unverified != nil {
		fmt.Fprintf(s.Screen, "\n%s\n", term.Wrap("By the rule alone, and not measured: "+unverified.Error()+".", width))
	} else {
		fmt.Fprintf(s.Screen, "\n%s\n", term.Wrap("Measured in virtual time, on Linux "+kernel+".", width))
	}
	view.Failures(s.Screen, r)
	return cmp.Or(printSnippets(s.Screen, candidates), err)
}

// verify measures, in the time machine, the failures that decide about each of the candidates.
func (g goal) verify(ctx context.Context, s *cli.Session, candidates []candidate, v view.View) (kernel string, unverified, err error) {
	var runs [][]string
	for _, c := range candidates {
		plan := g.plan(c)
		runs = append(runs, plan.MachineArgs(plan.All()))
	}
	machine, err := measure.NewMachine(ctx, s, runs...)
	if err != nil && ctx.Err() == nil {
		return "", err, nil
	}
	if err != nil {
		return "", nil, err
	}
	defer machine.Close()
	kernel, err = machine.Run(ctx, s, "", v)
	return kernel, nil, err
}

// plan is to measure the failures that decide about a candidate.
func (g goal) plan(c candidate) measure.Plan {
	return measure.NewPlan(c.settings, g.middlebox, c.decisive)
}

// printSnippets prints how the first settings that do it are written.
func printSnippets(s *term.Screen, candidates []candidate) error {
	for _, c := range candidates {
		if c.why != "" {
			continue
		}
		snippets, err := snippetsOf(c.settings)
		if err != nil {
			return err
		}
		fmt.Fprintf(s, "\n%s\n", term.Bold.Render("How to write "+c.name))
		for _, snippet := range snippets {
			if text := strings.TrimSpace(snippet.text); text != "" {
				fmt.Fprintf(s, "\n%s\n%s\n%s\n", term.Bold.Render(snippet.where), term.Faint.Render(snippet.tested), text)
			}
		}
		return nil
	}
	return errors.New("none of these settings does it: ask for less")
}
