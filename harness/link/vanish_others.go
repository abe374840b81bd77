//go:build !linux

package link

import (
	"net"
	"syscall"

	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// Vanish, Return and Reboot are for experiments that need VanishingPeers, and that are skipped here.

func Vanish(x *harness.Experiment, peer syscall.Conn)           { x.T().Fatal(system.LinuxMissing) }
func Return(x *harness.Experiment, peer syscall.Conn)           { x.T().Fatal(system.LinuxMissing) }
func Reboot(x *harness.Experiment, peer, survivor *net.TCPConn) { x.T().Fatal(system.LinuxMissing) }

func vanishingMissing() string { return system.LinuxMissing }
