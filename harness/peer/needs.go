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
