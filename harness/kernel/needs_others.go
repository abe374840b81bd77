//go:build !linux

package kernel

import "socketlabs/harness/internal/system"

func socketTableMissing() string    { return system.LinuxMissing }
func systemSettingsMissing() string { return system.LinuxMissing }
func portRangesMissing() string     { return system.LinuxMissing }
func reuseDelayMissing() string     { return system.LinuxMissing }
func procMissing() string           { return system.LinuxMissing }
func anotherUserMissing() string    { return system.LinuxMissing }
func multipathMissing() string      { return system.LinuxMissing }

func longestRetransmissionMissing() string { return system.LinuxMissing }
