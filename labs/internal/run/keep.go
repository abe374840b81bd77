package run

import (
	"errors"
	"fmt"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

const keepUsage = "keep outcomes, stories and captures in `DIR`/lab/test"

// keeper keeps what go test says of tests, and what they leave, where a person finds it: DIR/lab/test.
type keeper struct {
	folder  *kept.Folder
	results results
}

// newKeeper keeps what runs on a kernel of the time machine, or on this machine, in a folder.
func newKeeper(dir, kernel string) (*keeper, error) {
	folder, err := kept.Create(dir, kernel)
	if err != nil {
		return nil, fmt.Errorf("--keep: %w", err)
	}
	return &keeper{folder: folder}, nil
}

func (k *keeper) args() []string { return []string{"-artifacts", "-outputdir", k.folder.Artifacts} }

func (k *keeper) note(e gotest.Event) {
	if k != nil {
		k.results.add(e)
	}
}

// finish puts the outcomes in place of those of an earlier run: not of what was interrupted, of which nothing is known.
func (k *keeper) finish(interrupted bool) error {
	if k == nil {
		return nil
	}
	defer k.folder.Close()
	var errs []error
	for _, o := range k.results.experiments {
		if !interrupted || o.Result != unfinished {
			errs = append(errs, k.keep(o))
		}
	}
	if err := firstOf(errs...); err != nil {
		return fmt.Errorf("--keep: %w", err)
	}
	return nil
}

func (k *keeper) keep(experiment *outcome) error {
	if experiment.Test == doctorTest && experiment.Result == gotest.Fail {
		return errors.New("what the machine is could not be found out; labs doctor says why")
	}
	var left []kept.Left
	for _, o := range experiment.all() {
		left = append(left, kept.Left{Outcome: o.Outcome, Artifacts: o.artifacts})
	}
	return k.folder.Replace(experiment.Outcome, left)
}
