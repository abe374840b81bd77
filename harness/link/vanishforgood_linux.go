package link

import "net"

// VanishForGood makes the host of a peer vanish as Vanish does, never to return, and gives the peer's
// descriptor back: what it costs the survivor can be measured alone. It needs no Experiment, so that a
// Program can use it.
func VanishForGood(peer, survivor *net.TCPConn) error {
	// The survivor must get neither the reset that ends the peer's end, nor answers to what it sends.
	if err := setMinTTL(survivor, deaf); err != nil {
		return err
	}
	if err := peer.SetLinger(0); err != nil {
		return err
	}
	return peer.Close()
}
