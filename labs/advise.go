package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/gotest"
	"socketlabs/labs/internal/advise"
	"socketlabs/labs/internal/try"
	"socketlabs/labs/timemachine"
)

func newAdviseCommand(l *labs) *cobra.Command {
	var goal advise.Goal
	cmd := &cobra.Command{
		Use:   "advise",
		Short: "Find settings that find dead peers in time, and how to write them",
		Long: "Says which settings find a dead peer within a time, and which can't, and why; verifies it in the\n" +
			"time machine; and prints how to write the first that do it.",
		Args:              takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: l.loaded(func(ctx context.Context, _ []string) error {
			if goal.Within == 0 {
				return errors.New("say how soon: --within 10s; labs advise --help lists its flags")
			}
			if !goal.Idle && !goal.InFlight {
				goal.Idle, goal.InFlight = true, true
			}
			return l.advise(ctx, goal)
		}),
	}
	cmd.Flags().Var((*limitFlag)(&goal.Within), "within", "find a dead peer within this `TIME`")
	cmd.Flags().BoolVar(&goal.Idle, "idle", false, "on idle connections; without --in-flight, on these alone")
	cmd.Flags().BoolVar(&goal.InFlight, "in-flight", false, "with data in flight; without --idle, there alone")
	cmd.Flags().BoolVar(&goal.KeepSlowReaders, "keep-slow-readers", false, "drop no peer that does not read for a while")
	cmd.Flags().Var((*limitFlag)(&goal.Box), "through-box", "through a box that forgets a connection after so much silence: `TIME`")
	cmd.Flags().BoolVar(&goal.Proxy, "through-proxy", false, "through a proxy")
	return cmd
}

func (l *labs) advise(ctx context.Context, goal advise.Goal) error {
	candidates, err := goal.Candidates()
	if err != nil {
		return err
	}
	var measured try.Measured
	results := new(results)
	kernel, unverified, err := l.verify(ctx, candidates, trialView{&waitView{screen: l.screen, results: results, what: "verifying"}, &measured})
	if err != nil && !errors.Is(err, gotest.ErrFailed) {
		return err
	}
	width := l.screen.width()
	for _, c := range candidates {
		sign, text := passed, c.Name
		if c.Why != "" {
			sign, text = failed, c.Name+": "+c.Why
		}
		fmt.Fprintln(l.screen, hang(sign.String()+" ", text, width))
		fmt.Fprintln(l.screen, hang("    ", faint.Render(c.Settings.String()), width))
		var rows []string
		for _, r := range measured.Results(c.Settings) {
			rows = append(rows, r.Failure+": "+try.InWords(r).Measured)
		}
		if rows != nil {
			fmt.Fprintln(l.screen, hang("    ", faint.Render("measured: "+strings.Join(rows, "; ")), width))
		}
	}
	if unverified != "" {
		fmt.Fprintln(l.screen, "\n"+wrapped("By the rule alone, and not measured: "+unverified+".", width))
	} else {
		fmt.Fprintln(l.screen, "\n"+wrapped("Measured in virtual time, on Linux "+kernel+".", width))
	}
	l.failures(results)
	return firstOf(l.printSnippets(candidates), err)
}

// verify measures, in the time machine, the failures that decide about each of the candidates.
func (l *labs) verify(ctx context.Context, candidates []advise.Candidate, v view) (kernel, unverified string, err error) {
	kernels, err := timemachine.Kernels()
	if err != nil {
		return "", err.Error(), nil
	}
	job, err := l.compile(ctx, []string{try.Lab}, "")
	if err != nil && ctx.Err() == nil {
		return "", err.Error(), nil
	}
	if err != nil {
		return "", "", err
	}
	defer job.Close()
	var runs [][]string
	for _, c := range candidates {
		var rows []rule.Result
		for _, name := range c.Decisive {
			rows = append(rows, rule.Result{Failure: name})
		}
		runs = append(runs, try.BinaryArgs(c.Settings, rows))
	}
	job.PassEach(runs)
	err = l.follow(v, nil, func(each func(gotest.Event)) (err error) {
		kernel, err = job.Run(ctx, kernels[len(kernels)-1], 5*time.Minute, "", each)
		return err
	})
	return kernel, "", err
}

// printSnippets prints how the first settings that do it are written.
func (l *labs) printSnippets(candidates []advise.Candidate) error {
	for _, c := range candidates {
		if c.Why != "" {
			continue
		}
		snippets, err := advise.Snippets(c.Settings)
		if err != nil {
			return err
		}
		fmt.Fprintf(l.screen, "\n%s\n", bold.Render("How to write "+c.Name))
		for _, s := range snippets {
			if text := strings.TrimSpace(s.Text); text != "" {
				fmt.Fprintf(l.screen, "\n%s\n%s\n", bold.Render(s.Where), text)
			}
		}
		return nil
	}
	return errors.New("none of these settings does it: ask for less")
}
