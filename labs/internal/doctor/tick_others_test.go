//go:build !linux

package doctor

func clockTick() string { return "unknown; only Linux says" }
