package measure

import (
	"context"
	"os"
	"time"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/timemachine"
	"socketlabs/labs/internal/view"
)

// limit is the real time after which the time machine is stopped.
const limit = 10 * time.Minute

// InRealTime measures rows of the plan on this machine. It keeps the outcomes in the folder keep, unless that is empty.
func (p Plan) InRealTime(ctx context.Context, s *cli.Session, rows []rule.Result, keep string, v view.View) error {
	if Longest(rows) > Short {
		if err := os.Setenv("LABS_LONG", "on"); err != nil {
			return err
		}
	}
	args := p.testArgs(rows)
	if keep == "" {
		return drive.Tests(ctx, s, args, v, nil)
	}
	kept, err := drive.NewKeeper(keep, "")
	if err != nil {
		return err
	}
	return drive.Tests(ctx, s, append(kept.Args(), args...), v, kept)
}

// Machine is the time machine, with the experiment.
type Machine struct {
	job    *timemachine.Job
	kernel timemachine.Kernel
}

// NewMachine prepares the newest kernel for runs of the experiment, each with its own arguments. The error says why there is
// no time machine.
func NewMachine(ctx context.Context, s *cli.Session, runs ...[]string) (*Machine, error) {
	kernel, err := drive.NewestKernel(ctx, s)
	if err != nil {
		return nil, err
	}
	job, err := drive.Compile(ctx, s, drive.Set{Folders: []string{Lab}})
	if err != nil {
		return nil, err
	}
	job.PassEach(runs)
	return &Machine{job, kernel}, nil
}

// Close removes the compiled files.
func (m *Machine) Close() error { return m.job.Close() }

// Run runs the experiment, and returns the kernel's release. It keeps the outcomes in the folder keep, unless that is empty.
func (m *Machine) Run(ctx context.Context, s *cli.Session, keep string, v view.View) (release string, err error) {
	var kept *drive.Keeper
	left := ""
	if keep != "" {
		if kept, err = drive.NewKeeper(keep, m.kernel.Name()); err != nil {
			return "", err
		}
		left = kept.Artifacts()
	}
	err = drive.Follow(s.Screen, v, kept, func(each func(gotest.Event)) (err error) {
		release, err = m.job.Run(ctx, m.kernel, limit, left, each)
		return err
	})
	return release, err
}
