// Package link is what lies between two ends of a connection, and fails: hosts that vanish, return, restart and
// forget; a middlebox that forgets; on the private loopback also segments that come late, or from nobody.
package link

import "socketlabs/harness"

// VanishingPeers is the need of experiments in which a host vanishes.
var VanishingPeers = harness.Need{
	Name: "VanishingPeers", Says: "the host of a peer can be made to go silent",
	Missing: vanishingMissing,
}
