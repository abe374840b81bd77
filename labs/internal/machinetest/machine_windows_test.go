package machinetest

import (
	"fmt"

	"golang.org/x/sys/windows"
)

func system() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("Windows %d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

func descriptors() string { return "no limit of their own" }
