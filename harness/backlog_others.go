//go:build !linux

package harness

// FullBacklog is for experiments that need UnansweredConnects, and that are skipped here.
func (x *Experiment) FullBacklog() (address string) { x.t.Fatal(linuxMissing); return "" }
