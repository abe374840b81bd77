//go:build !unix

package process

import (
	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// signalsMissing says why an experiment can't kill, stop and continue a process here.
func signalsMissing() string {
	return "this system has no signals that kill, stop and continue a process; " + system.OnLinux
}

// Process, its methods and Start are for experiments that need Processes, and that are
// skipped here.
type Process struct{ Address string }

func Start(x *harness.Experiment, program *Program, args ...string) (*Process, error) {
	x.T().Fatal(signalsMissing())
	return nil, nil
}

func (p *Process) Kill()       {}
func (p *Process) Stop()       {}
func (p *Process) Continue()   {}
func (p *Process) Terminate()  {}
func (p *Process) Wait() error { return nil }
