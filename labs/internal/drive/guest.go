package drive

import (
	"context"
	"strings"
	"time"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/timemachine"
	"socketlabs/labs/internal/view"
)

// guestLimit is the real time after which the guest is stopped. All experiments together take less than a tenth of it.
const guestLimit = 20 * time.Minute

// inGuest runs the tests on the session's kernel, in virtual time, and hands their events to the view as they come.
func inGuest(ctx context.Context, s *cli.Session, tests Set, v view.View, kept *Keeper) error {
	left := ""
	if kept != nil {
		left = kept.Artifacts()
	}
	return Follow(s.Screen, v, kept, func(each func(gotest.Event)) error {
		job, err := timemachine.Compile(ctx, tests.forGuest(s.Root), func(c *gotest.Compiling) {
			each(gotest.Event{Action: gotest.Compile, Compiling: c})
		})
		if err != nil {
			return err
		}
		defer job.Close()
		each(gotest.Event{Action: gotest.Boot})
		_, err = job.Run(ctx, *s.Guest, guestLimit, left, each)
		return err
	})
}

// forGuest are the tests for the guest. Test binaries take the arguments of go test with another prefix.
func (tests Set) forGuest(root string) timemachine.Tests {
	guest := timemachine.Tests{Root: root, Folders: tests.Folders}
	for _, arg := range tests.Args {
		guest.Args = append(guest.Args, "-test."+strings.TrimPrefix(arg, "-"))
	}
	return guest
}

// Compile compiles the tests for several kernels, and shows its progress.
func Compile(ctx context.Context, s *cli.Session, tests Set) (job *timemachine.Job, err error) {
	begun := new(results.Results)
	err = s.Screen.During(func() { s.Screen.Show("", begun.Status()) }, func(then func(func())) (err error) {
		job, err = timemachine.Compile(ctx, tests.forGuest(s.Root), func(c *gotest.Compiling) {
			then(func() { begun.Compiling = c })
		})
		return err
	})
	return job, err
}

// Await calls do, which may take long, and shows what it waits for.
func Await(s *cli.Session, what string, do func() error) error {
	waiting := &results.Results{Awaits: what}
	return s.Screen.During(func() { s.Screen.Show("", waiting.Status()) }, func(func(func())) error { return do() })
}
