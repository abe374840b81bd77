package drive

import (
	"cmp"
	"errors"
	"fmt"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/results"
)

// KeepUsage is the usage of a flag --keep.
const KeepUsage = "keep outcomes, stories and captures in `DIR`/lab/test"

// Keeper keeps the outcomes of tests, and the files that they leave, in DIR/lab/test.
type Keeper struct {
	folder  *kept.Folder
	results results.Results
}

// NewKeeper returns a Keeper that writes to dir. If the tests run on a kernel of the time machine, kernel is its name.
func NewKeeper(dir, kernel string) (*Keeper, error) {
	folder, err := kept.Create(dir, kernel)
	if err != nil {
		return nil, fmt.Errorf("--keep: %w", err)
	}
	return &Keeper{folder: folder}, nil
}

// Args are the arguments of go test that make it leave the artifacts of tests where the Keeper finds them.
func (k *Keeper) Args() []string { return []string{"-artifacts", "-outputdir", k.folder.Artifacts} }

// Artifacts is the folder where tests leave their artifacts.
func (k *Keeper) Artifacts() string { return k.folder.Artifacts }

func (k *Keeper) note(e gotest.Event) {
	if k != nil {
		k.results.Add(e)
	}
}

// finish replaces the outcomes of an earlier run. If the run was interrupted, it leaves out the tests that had not ended.
func (k *Keeper) finish(interrupted bool) error {
	if k == nil {
		return nil
	}
	defer k.folder.Close()
	var errs []error
	for _, o := range k.results.Experiments {
		if !interrupted || o.Result != results.Unfinished {
			errs = append(errs, k.keep(o))
		}
	}
	if err := cmp.Or(errs...); err != nil {
		return fmt.Errorf("--keep: %w", err)
	}
	return nil
}

func (k *Keeper) keep(experiment *results.Outcome) error {
	if experiment.Test == MachineTest && experiment.Result == gotest.Fail {
		return errors.New("can't find out what this machine is; labs doctor says why")
	}
	var left []kept.Left
	for _, o := range experiment.All() {
		left = append(left, kept.Left{Outcome: o.Outcome, Artifacts: o.Artifacts})
	}
	return k.folder.Replace(experiment.Outcome, left)
}
