package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
)

func newRunCommand(l *labs) *cobra.Command {
	var keep string
	var asPlain, predict bool
	cmd := &cobra.Command{
		Use:               "run [PATTERN]",
		Short:             "Run experiments and draw what happens, as it happens",
		Args:              takes(0, 1, "at most one pattern"),
		ValidArgsFunction: offering(1, l.offerLabs, l.offerExperiments),
		RunE: l.loaded(func(ctx context.Context, args []string) error {
			chosen, err := l.find(args)
			if err != nil {
				return l.offer(err)
			}
			if asPlain = asPlain || !l.screen.isLive(); predict {
				return l.predict(ctx, chosen, keep, asPlain)
			}
			return l.run(ctx, chosen, keep, asPlain)
		}),
	}
	keepFlag(cmd, &keep, keepUsage)
	cmd.Flags().BoolVar(&asPlain, "plain", false, "print what go test -v prints")
	cmd.Flags().BoolVar(&predict, "predict", false, "ask first what will happen")
	return cmd
}

func (l *labs) run(ctx context.Context, chosen []catalog.Experiment, keep string, asPlain bool) error {
	results, err := l.watch(ctx, chosen, keep, asPlain)
	l.summary(results, err, "run")
	if len(chosen) == 1 && results.count(gotest.Pass) == 1 {
		fmt.Fprintln(l.screen, findings(chosen[0], l.screen.width()))
	}
	return err
}

// watch runs the experiments and shows what happens, as it happens.
func (l *labs) watch(ctx context.Context, chosen []catalog.Experiment, keep string, asPlain bool) (*results, error) {
	results := new(results)
	var v view
	switch {
	case asPlain:
		v = &plainView{screen: l.screen, results: results, held: make(map[string][]gotest.Event)}
	case len(chosen) == 1:
		v = newStoryView(l.screen, chosen[0], results)
	default:
		v = &progressView{screen: l.screen, results: results, chosen: len(chosen)}
	}
	return results, l.experiment(ctx, chosen, keep, v)
}

// experiment runs the experiments. It keeps what they leave, and what the machine is, if there is a folder
// for it.
func (l *labs) experiment(ctx context.Context, chosen []catalog.Experiment, keep string, v view) error {
	args := testArgs(chosen, keep != "")
	if keep == "" {
		return l.drive(ctx, args, v, nil)
	}
	kept, err := newKeeper(keep, "")
	if err != nil {
		return err
	}
	return l.drive(ctx, append(kept.args(), args...), withoutDoctor{v}, kept)
}

// testArgs are the arguments of go test that choose the experiments, and the doctor with them or not.
func testArgs(chosen []catalog.Experiment, doctor bool) []string {
	folders, pattern := testsOf(chosen, doctor)
	// All labs at once: they wait, and go test would run as many as there are cores.
	args := []string{"-count=1", "-p", strconv.Itoa(max(len(folders), runtime.GOMAXPROCS(0))), "-run", pattern}
	if os.Getenv("LABS_LONG") == "on" {
		args = append(args, "-timeout", "3h") // go test's own is ten minutes
	}
	for _, folder := range folders {
		args = append(args, "./"+folder)
	}
	return args
}

// testsOf says where the experiments and the doctor are, and which tests.
func testsOf(chosen []catalog.Experiment, doctor bool) (folders []string, pattern string) {
	var tests []string
	for _, e := range chosen {
		tests = append(tests, e.Test)
		if len(folders) == 0 || folders[len(folders)-1] != e.Lab {
			folders = append(folders, e.Lab)
		}
	}
	if doctor {
		folders, tests = append(folders, doctorFolder), append(tests, doctorTest)
	}
	return folders, "^(" + strings.Join(tests, "|") + ")$"
}

// drive runs go test, and hands its events and the time to the view.
func (l *labs) drive(ctx context.Context, args []string, v view, kept *keeper) error {
	return l.follow(v, kept, func(each func(gotest.Event)) error {
		return gotest.Do(ctx, l.root, args, each)
	})
}

// follow hands the events of what runs tests, and the time, to the view.
func (l *labs) follow(v view, kept *keeper, run func(each func(gotest.Event)) error) error {
	err := l.during(v.tick, func(then func(func())) error {
		return run(func(e gotest.Event) {
			then(func() {
				v.event(e)
				kept.note(e)
			})
		})
	})
	return firstOf(kept.finish(errors.Is(err, context.Canceled)), err)
}

// firstOf returns the first error that there is.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
