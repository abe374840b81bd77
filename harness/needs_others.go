//go:build !linux

package harness

import "runtime"

const linuxMissing = "this is " + runtime.GOOS + "; " + onLinux

func vanishingMissing() string   { return linuxMissing }
func socketTableMissing() string { return linuxMissing }
func portRangesMissing() string  { return linuxMissing }
