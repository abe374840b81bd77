package drive

import (
	"strings"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/view"
)

// The machine test says what the machine is and can do. It is kept with what experiments leave.
const (
	MachineTestFolder = "labs/internal/machinetest"
	MachineTest       = "TestMachine"
)

// WithoutMachineTest is a view of the experiments that the machine test runs with.
func WithoutMachineTest(v view.View) view.View { return withoutMachineTest{v} }

type withoutMachineTest struct{ view.View }

func (v withoutMachineTest) Event(e gotest.Event) {
	if !strings.HasSuffix(e.Package, "/"+MachineTestFolder) {
		v.View.Event(e)
	}
}
