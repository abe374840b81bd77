//go:build !linux

package peer

import "socketlabs/harness"

// FullBacklog is for experiments that need UnansweredConnects, and that are skipped here.
func FullBacklog(x *harness.Experiment) (address string) {
	x.T().Fatal(harness.LinuxMissing)
	return ""
}
