// Package peer is the other side of a connection: a server that is silent, slow, stalled or absent, one whose
// backlog is full, a proxy between, a name server, and both ends of a plain connection.
package peer

import (
	"socketlabs/harness"
	"socketlabs/harness/internal/system"
)

// UnansweredConnects is the need of FullBacklog and FillBacklog.
var UnansweredConnects = harness.Need{
	Name: "UnansweredConnects", Says: "a listener with a full backlog does not answer at all",
	Missing: func() string { return system.LinuxMissing },
}
