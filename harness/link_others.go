//go:build !linux

package harness

import (
	"net"
	"syscall"
)

// Vanish, Return, Reboot and Unacknowledged are for experiments that need VanishingPeers, and that
// are skipped here.

func (x *Experiment) Vanish(peer syscall.Conn)                 { x.t.Fatal(linuxMissing) }
func (x *Experiment) Return(peer syscall.Conn)                 { x.t.Fatal(linuxMissing) }
func (x *Experiment) Reboot(peer, survivor *net.TCPConn)       { x.t.Fatal(linuxMissing) }
func (x *Experiment) Unacknowledged(conn syscall.Conn) (n int) { x.t.Fatal(linuxMissing); return 0 }
