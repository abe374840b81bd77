//go:build !linux

package kernel

import "socketlabs/harness"

func socketTableMissing() string    { return harness.LinuxMissing }
func systemSettingsMissing() string { return harness.LinuxMissing }
func portRangesMissing() string     { return harness.LinuxMissing }
func procMissing() string           { return harness.LinuxMissing }
func multipathMissing() string      { return harness.LinuxMissing }

func longestRetransmissionMissing() string { return harness.LinuxMissing }
