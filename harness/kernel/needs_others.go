//go:build !linux

package kernel

import "socketlabs/harness"

func socketTableMissing() string    { return harness.LinuxMissing }
func systemSettingsMissing() string { return harness.LinuxMissing }
func portRangesMissing() string     { return harness.LinuxMissing }
func procMissing() string           { return harness.LinuxMissing }
func reuseDelayMissing() string     { return harness.LinuxMissing }
