package machinetest

import (
	"socketlabs/harness"
	"socketlabs/harness/story"
)

func clockTick() string { return story.Digits(harness.Tick(), 3) }
