package drive

import (
	"strings"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/view"
)

// The machine test says what the machine is and what it can show. Its outcome is kept beside those of the experiments.
const (
	MachineTestFolder = "labs/internal/machinetest"
	MachineTest       = "TestMachine"
)

// WithoutMachineTest hides the events of the machine test from a view.
func WithoutMachineTest(v view.View) view.View { return withoutMachineTest{v} }

type withoutMachineTest struct{ view.View }

func (v withoutMachineTest) Event(e gotest.Event) {
	if !strings.HasSuffix(e.Package, "/"+MachineTestFolder) {
		v.View.Event(e)
	}
}
