package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/netns"
	"socketlabs/harness/story"
)

// SystemSetting returns the value of a setting of this network namespace, as sysctl(8) prints it. The name is its
// path below net: "ipv4/tcp_fin_timeout". The settings of TCP are below ipv4, and apply to IPv6, too.
func SystemSetting(x *harness.Experiment, name string) string {
	x.T().Helper()
	value, err := os.ReadFile(systemSetting(name))
	require.NoError(x.T(), err)
	return strings.TrimSpace(string(value))
}

// SetSystemSetting changes a setting of the private loopback until this experiment ends. It is for
// experiments that need SystemSettings. Experiments that run at the same time see the change, too.
func SetSystemSetting(x *harness.Experiment, name, value string) {
	x.T().Helper()
	// Never change the machine's own settings, even if the experiment forgot to say what it needs.
	require.True(x.T(), netns.IsPrivate(), "only the private loopback's settings may be changed")
	before := SystemSetting(x, name)
	x.AtEnd(func() { writeSystemSetting(name, before) })
	require.NoError(x.T(), writeSystemSetting(name, value))
	x.Note(story.Event{Lane: story.Story, Kind: story.Outcome, Text: fmt.Sprintf("net/%s is %s now, and was %s", name, value, before)})
}

func procMissing() string {
	for _, name := range []string{"/proc/sys/net/ipv4", "/proc/self/fd"} {
		if _, err := os.Stat(name); err != nil {
			return err.Error() + "; mount /proc"
		}
	}
	return ""
}

func systemSetting(name string) string { return filepath.Join("/proc/sys/net", name) }

func writeSystemSetting(name, value string) error {
	return os.WriteFile(systemSetting(name), []byte(value), 0)
}

func systemSettingsMissing() string {
	if missing := harness.PrivateLoopback.Missing(); missing != "" {
		return missing
	}
	// A container may have /proc/sys read-only.
	file, err := os.OpenFile(systemSetting("ipv4/tcp_fin_timeout"), os.O_WRONLY, 0)
	if err != nil {
		return err.Error() + "; mount /proc/sys writable, or run it outside the container"
	}
	file.Close()
	return ""
}

func reuseDelayMissing() string {
	if missing := systemSettingsMissing(); missing != "" {
		return missing
	}
	if _, err := os.Stat(systemSetting("ipv4/tcp_tw_reuse_delay")); err != nil {
		return err.Error() + "; run it on Linux 6.14 or later"
	}
	return ""
}

// IsSince reports whether this kernel has the given version, or a later one. It is for behavior that no option and no
// setting reveals.
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
