//go:build !linux

package link

import (
	"net"
	"syscall"

	"socketlabs/harness"
)

// Vanish, Return and Reboot are for experiments that need VanishingPeers, and that are skipped here.

func Vanish(x *harness.Experiment, peer syscall.Conn)           { x.T().Fatal(harness.LinuxMissing) }
func Return(x *harness.Experiment, peer syscall.Conn)           { x.T().Fatal(harness.LinuxMissing) }
func Reboot(x *harness.Experiment, peer, survivor *net.TCPConn) { x.T().Fatal(harness.LinuxMissing) }

func vanishingMissing() string { return harness.LinuxMissing }
