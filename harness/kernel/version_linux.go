package kernel

import (
	"fmt"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/story"
)

// IsSince reports whether this kernel is of a version or a later one, for what no option and no setting tells of.
func IsSince(x *harness.Experiment, major, minor int) bool {
	x.T().Helper()
	var system unix.Utsname
	require.NoError(x.T(), unix.Uname(&system))
	release := unix.ByteSliceToString(system.Release[:])
	var ours [2]int
	_, err := fmt.Sscanf(release, "%d.%d", &ours[0], &ours[1])
	require.NoError(x.T(), err, release)
	x.Note(story.Event{Lane: story.Story, Kind: story.Check, Text: "this kernel is Linux " + release})
	return ours[0] > major || ours[0] == major && ours[1] >= minor
}
