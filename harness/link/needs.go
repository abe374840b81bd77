package link

import "socketlabs/harness"

// VanishingPeers is the need of experiments in which a host vanishes.
var VanishingPeers = harness.Need{
	Name: "VanishingPeers", Says: "the host of a peer can be made to go silent",
	Missing: vanishingMissing,
}
