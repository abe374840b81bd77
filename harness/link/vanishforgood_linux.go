package link

import "net"

// VanishForGood makes the host of a peer vanish, as Vanish does, but that host can't return. It closes the peer's
// descriptor, so that a test can measure what the connection costs the survivor alone. It needs no
// Experiment, so that a process.Program can use it.
func VanishForGood(peer, survivor *net.TCPConn) error {
	// The survivor must hear neither the reset from the peer's close nor answers to what it sends later.
	if err := setMinTTL(survivor, deaf); err != nil {
		return err
	}
	if err := peer.SetLinger(0); err != nil {
		return err
	}
	return peer.Close()
}
