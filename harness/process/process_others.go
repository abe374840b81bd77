//go:build !unix

package process

import (
	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// signalsMissing says why a process can't be handled here as an experiment wants it.
func signalsMissing() string {
	return "this system has no signals that kill, stop and continue a process; " + system.OnLinux
}

// Process, Start and their like are for experiments that need Processes, and that are
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
