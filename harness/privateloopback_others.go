//go:build !linux

package harness

func privateLoopbackMissing() string { return linuxMissing }
func systemSettingsMissing() string  { return linuxMissing }
