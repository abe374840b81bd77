//go:build !linux

package machinetest

func clockTick() string { return "unknown; only Linux says" }
