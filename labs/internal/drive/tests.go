// Package drive runs tests by go test, hands what happens to a view, and keeps what comes of it.
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

// Experiments runs the experiments. It keeps what they leave, and what the machine is, if there is a
// folder for it.
func Experiments(ctx context.Context, s *cli.Session, chosen []catalog.Experiment, keep string, v view.View) error {
	args := testArgs(chosen, keep != "")
	if keep == "" {
		return Tests(ctx, s, args, v, nil)
	}
	kept, err := NewKeeper(keep, "")
	if err != nil {
		return err
	}
	return Tests(ctx, s, append(kept.Args(), args...), WithoutDoctor(v), kept)
}

// testArgs are the arguments of go test that choose the experiments, and the doctor with them or not.
func testArgs(chosen []catalog.Experiment, doctor bool) []string {
	folders, pattern := TestsOf(chosen, doctor)
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

// TestsOf says where the experiments and the doctor are, and which tests.
func TestsOf(chosen []catalog.Experiment, doctor bool) (folders []string, pattern string) {
	var tests []string
	for _, e := range chosen {
		tests = append(tests, e.Test)
		if len(folders) == 0 || folders[len(folders)-1] != e.Lab {
			folders = append(folders, e.Lab)
		}
	}
	if doctor {
		folders, tests = append(folders, DoctorFolder), append(tests, DoctorTest)
	}
	return folders, "^(" + strings.Join(tests, "|") + ")$"
}

// Tests runs go test, and hands its events and the time to the view.
func Tests(ctx context.Context, s *cli.Session, args []string, v view.View, kept *Keeper) error {
	return Follow(s.Screen, v, kept, func(each func(gotest.Event)) error {
		return gotest.Do(ctx, s.Root, args, each)
	})
}

// Follow hands the events of what runs tests, and the time, to the view.
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
