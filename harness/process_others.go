//go:build !unix

package harness

// signalsMissing says why a process can't be handled here as an experiment wants it.
const signalsMissing = "this system has no signals that kill, stop and continue a process; " + onLinux

// Process, StartProcess and their like are for experiments that need Processes, and that are
// skipped here.
type Process struct{ Address string }

func (x *Experiment) StartProcess(program *Program, args ...string) (*Process, error) {
	x.t.Fatal(signalsMissing)
	return nil, nil
}

func (p *Process) Kill()       {}
func (p *Process) Stop()       {}
func (p *Process) Continue()   {}
func (p *Process) Terminate()  {}
func (p *Process) Wait() error { return nil }
