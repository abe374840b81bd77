package drive

import (
	"strings"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/view"
)

// The doctor is a test that says what the machine is and can do. It is kept with what experiments leave.
const (
	DoctorFolder = "labs/internal/doctor"
	DoctorTest   = "TestMachine"
)

// WithoutDoctor is a view of the experiments that a doctor runs with.
func WithoutDoctor(v view.View) view.View { return withoutDoctor{v} }

type withoutDoctor struct{ view.View }

func (v withoutDoctor) Event(e gotest.Event) {
	if !strings.HasSuffix(e.Package, "/"+DoctorFolder) {
		v.View.Event(e)
	}
}
