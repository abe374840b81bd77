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

// Keeper keeps what go test says of tests, and what they leave, where a person finds it: DIR/lab/test.
type Keeper struct {
	folder  *kept.Folder
	results results.Results
}

// NewKeeper keeps what runs on a kernel of the time machine, or on this machine, in a folder.
func NewKeeper(dir, kernel string) (*Keeper, error) {
	folder, err := kept.Create(dir, kernel)
	if err != nil {
		return nil, fmt.Errorf("--keep: %w", err)
	}
	return &Keeper{folder: folder}, nil
}

// Args are those with which go test leaves what is to be kept.
func (k *Keeper) Args() []string { return []string{"-artifacts", "-outputdir", k.folder.Artifacts} }

// Artifacts is the folder where tests leave what is to be kept.
func (k *Keeper) Artifacts() string { return k.folder.Artifacts }

func (k *Keeper) note(e gotest.Event) {
	if k != nil {
		k.results.Add(e)
	}
}

// finish puts the outcomes in place of those of an earlier run: not of what was interrupted, of which nothing is known.
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
		return errors.New("what the machine is could not be found out; labs doctor says why")
	}
	var left []kept.Left
	for _, o := range experiment.All() {
		left = append(left, kept.Left{Outcome: o.Outcome, Artifacts: o.Artifacts})
	}
	return k.folder.Replace(experiment.Outcome, left)
}
