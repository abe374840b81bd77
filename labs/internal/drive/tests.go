// Package drive runs tests by go test, hands their events to a view, and keeps their outcomes.
package drive

import (
	"cmp"
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// Set is a set of tests that run here, or in the guest.
type Set struct {
	Folders []string // the folders of their packages
	Args    []string // of go test, each as -name=value
}

// Of is the set of the experiments, with or without the machine test.
func Of(chosen []catalog.Experiment, withMachine bool) Set {
	folders, pattern := testsOf(chosen, withMachine)
	return Set{folders, []string{"-run=" + pattern}}
}

// Experiments runs the experiments. If keep is a folder, it keeps their outcomes there, and those of the
// machine test.
func Experiments(ctx context.Context, s *cli.Session, chosen []catalog.Experiment, keep string, v view.View) error {
	if keep == "" {
		return Run(ctx, s, Of(chosen, false), v, nil)
	}
	kept, err := NewKeeper(keep, "")
	if err != nil {
		return err
	}
	return Run(ctx, s, Of(chosen, true), WithoutMachineTest(v), kept)
}

// Run runs the tests in the place that Choose chose.
func Run(ctx context.Context, s *cli.Session, tests Set, v view.View, kept *Keeper) error {
	if s.Guest != nil {
		return inGuest(ctx, s, tests, v, kept)
	}
	args := tests.args()
	if kept != nil {
		args = append(kept.Args(), args...)
	}
	return Tests(ctx, s, args, v, kept)
}

// args are the arguments of go test that run the tests here.
func (tests Set) args() []string {
	// All labs at the same time, because they wait more than they compute. By default, go test runs one on each core.
	args := []string{"-count=1", "-p", strconv.Itoa(max(len(tests.Folders), runtime.GOMAXPROCS(0)))}
	if os.Getenv("LABS_LONG") == "on" {
		args = append(args, "-timeout", "3h") // the default is 10 min
	}
	args = append(args, tests.Args...)
	for _, folder := range tests.Folders {
		args = append(args, "./"+folder)
	}
	return args
}

// testsOf returns the folders of the experiments, and of the machine test, and a pattern for go test's flag -run.
func testsOf(chosen []catalog.Experiment, withMachine bool) (folders []string, pattern string) {
	var tests []string
	for _, e := range chosen {
		tests = append(tests, e.Test)
		if len(folders) == 0 || folders[len(folders)-1] != e.Lab {
			folders = append(folders, e.Lab)
		}
	}
	if withMachine {
		folders, tests = append(folders, MachineTestFolder), append(tests, MachineTest)
	}
	return folders, "^(" + strings.Join(tests, "|") + ")$"
}

// Tests runs go test on this machine, and hands its events to the view, which it also calls at each tick.
func Tests(ctx context.Context, s *cli.Session, args []string, v view.View, kept *Keeper) error {
	return Follow(s.Screen, v, kept, func(each func(gotest.Event)) error {
		return gotest.Do(ctx, s.Root, args, each)
	})
}

// Follow hands the events of run to the view and to the Keeper. While run goes on, it calls the view at each tick.
func Follow(s *term.Screen, v view.View, kept *Keeper, run func(each func(gotest.Event)) error) error {
	err := s.During(v.Tick, func(then func(func())) error {
		return run(func(e gotest.Event) {
			then(func() {
				v.Event(e)
				kept.note(e)
			})
		})
	})
	return cmp.Or(kept.finish(errors.Is(err, context.Canceled)), err)
}
